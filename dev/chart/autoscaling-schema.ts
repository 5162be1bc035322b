import {
  choice,
  integer,
  kubernetesObject,
  matching,
  number,
  only,
  optionalName,
  text,
  texts,
} from './json-schema.ts'

/** Schema of `autoscaling`. */
export const autoscalingSchema = only({
  mode: choice('none', 'keda', 'hpa'),
  trigger: choice('kafka', 'metrics-api', 'prometheus'),
  minReplicas: integer(0),
  partitions: integer(0),
  maxLagSeconds: number(0),
  recordsPerSecondPerPod: number(0),
  lagPerPod: integer(0),
  behavior: only({ scaleUp: kubernetesObject, scaleDown: kubernetesObject }),
  keda: only({
    pollingInterval: integer(1),
    cooldownPeriod: integer(0),
    activationLag: integer(0),
    fallbackAfter: integer(1),
    annotations: texts,
    prometheus: only({
      serverAddress: matching('^(https?://.+)?$'),
      query: text,
      authenticationRef: optionalName,
      authModes: text,
    }),
  }),
  hpa: only({
    metric: choice('cpu', 'external', 'pods'),
    cpuUtilization: integer(1, 100),
    metricName: text,
    metricSelector: texts,
  }),
})
