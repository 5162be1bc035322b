import { autoscalingSchema } from './autoscaling-schema.ts'
import {
  choice,
  dataKey,
  eitherOf,
  flag,
  integer,
  type JsonSchema,
  kubernetesObject,
  kubernetesObjects,
  listOf,
  matching,
  only,
  optionalDataKey,
  optionalName,
  port,
  prometheusDuration,
  quantity,
  text,
  texts,
} from './json-schema.ts'

const feature = only({ enabled: flag })

const probe = only({
  path: choice('/healthz', '/readyz', '/startupz'),
  periodSeconds: integer(1),
  timeoutSeconds: integer(1),
  failureThreshold: integer(1),
})

const monitor = only({
  enabled: flag,
  interval: prometheusDuration,
  scrapeTimeout: prometheusDuration,
  labels: texts,
  relabelings: kubernetesObjects,
  metricRelabelings: kubernetesObjects,
})

/** What may stand in values.yaml, but for `config`; descriptions come from its comments. */
export const chartSchema = only({
  // What helm adds when this chart is a dependency of another.
  global: kubernetesObject,
  nameOverride: optionalName,
  fullnameOverride: optionalName,
  image: only({
    repository: matching('^[^:@\\s]+(:[0-9]+/[^:@\\s]+)?$'),
    tag: text,
    digest: matching('^(sha256:[0-9a-f]{64})?$'),
    pullPolicy: choice('Always', 'IfNotPresent', 'Never'),
  }),
  imagePullSecrets: listOf(only({ name: optionalName })),
  replicaCount: integer(0),
  brokers: only({ existingConfigMap: optionalName, key: dataKey }),
  sasl: only({ existingSecret: optionalName, usernameKey: dataKey, passwordKey: dataKey }),
  tls: only({
    existingSecret: optionalName,
    caKey: optionalDataKey,
    certificateKey: optionalDataKey,
    privateKeyKey: dataKey,
    passphraseKey: optionalDataKey,
    existingCaSecret: optionalName,
  }),
  autoscaling: autoscalingSchema,
  kubernetes: only({ partitionSync: feature, events: feature, deletionCost: feature }),
  failedRecords: only({ existingClaim: optionalName, subPath: text, sizeLimit: quantity }),
  serviceAccount: only({ create: flag, name: optionalName, annotations: texts }),
  service: only({ port, annotations: texts }),
  terminationGracePeriodSeconds: integer(1),
  updateStrategy: kubernetesObject,
  revisionHistoryLimit: integer(0),
  probes: only({ startup: probe, readiness: probe, liveness: probe }),
  resources: kubernetesObject,
  podDisruptionBudget: only({
    enabled: flag,
    maxUnavailable: eitherOf(integer(0), matching('^[0-9]{1,3}%$')),
  }),
  networkPolicy: only({
    enabled: flag,
    ingressFrom: kubernetesObjects,
    brokerPorts: listOf(port),
    brokersTo: kubernetesObjects,
    apiServerPorts: listOf(port),
    extraIngress: kubernetesObjects,
    extraEgress: kubernetesObjects,
  }),
  monitoring: only({ serviceMonitor: monitor, podMonitor: monitor }),
  commonLabels: texts,
  podLabels: texts,
  podAnnotations: texts,
  podSecurityContext: kubernetesObject,
  securityContext: kubernetesObject,
  extraEnv: kubernetesObjects,
  extraVolumes: kubernetesObjects,
  extraVolumeMounts: kubernetesObjects,
  args: listOf(text),
  nodeSelector: texts,
  tolerations: kubernetesObjects,
  affinity: kubernetesObject,
  topologySpreadConstraints: kubernetesObjects,
  priorityClassName: optionalName,
  notes: only({ checkReferences: flag }),
}) satisfies JsonSchema
