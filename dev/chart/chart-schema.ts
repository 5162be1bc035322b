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
  name,
  only,
  optionalDataKey,
  optionalName,
  port,
  quantity,
  text,
  texts,
} from './json-schema.ts'
import { monitoringSchema } from './monitoring-schema.ts'

const feature = only({ enabled: flag })

const probe = only({
  path: choice('/healthz', '/readyz', '/startupz'),
  periodSeconds: integer(1),
  timeoutSeconds: integer(1),
  failureThreshold: integer(1),
})

/** Secrets with the login and the certificates of one Kafka. */
const sasl = only({ existingSecret: optionalName, usernameKey: dataKey, passwordKey: dataKey })
const tls = only({
  existingSecret: optionalName,
  caKey: optionalDataKey,
  certificateKey: optionalDataKey,
  privateKeyKey: dataKey,
  passphraseKey: optionalDataKey,
  existingCaSecret: optionalName,
})

/** Empty, or a time that is the same everywhere. */
const zonedTime = matching(
  '^(\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2}(\\.\\d+)?)?(Z|[+-]\\d{2}:\\d{2}))?$',
)

/** Schema of values.yaml except `config`; the descriptions come from its comments. */
export const chartSchema = only({
  // Added by helm if this chart is a dependency of another.
  global: kubernetesObject,
  nameOverride: optionalName,
  fullnameOverride: optionalName,
  image: only({
    repository: matching('^[^:@\\s]+(:[0-9]+/[^:@\\s]+)?$'),
    // A number is told by the chart, with the remedy.
    tag: { type: ['string', 'number'] },
    digest: matching('^(sha256:[0-9a-f]{64})?$'),
    pullPolicy: choice('Always', 'IfNotPresent', 'Never'),
  }),
  imagePullSecrets: listOf(only({ name: optionalName })),
  replicaCount: integer(0),
  reloadConfig: flag,
  handlerFiles: only({
    existingConfigMaps: listOf(name),
    files: { ...texts, propertyNames: dataKey },
  }),
  schemas: only({ existingConfigMaps: listOf(name) }),
  brokers: only({ existingConfigMap: optionalName, key: dataKey }),
  sasl,
  tls,
  staticMembership: flag,
  autoscaling: autoscalingSchema,
  kubernetes: only({
    partitionSync: feature,
    scalingHold: feature,
    events: feature,
    deletionCost: feature,
  }),
  deadLetters: only({
    existingClaim: optionalName,
    subPath: text,
    sizeLimit: quantity,
    kafka: only({ sasl, tls }),
    postgres: only({ existingSecret: optionalName, urlKey: dataKey, caKey: optionalDataKey }),
  }),
  sinkSecrets: {
    type: 'object',
    additionalProperties: {
      ...only({
        existingSecret: name,
        ...{ urlKey: dataKey, caKey: dataKey },
        ...{ secretKey: dataKey, tokenKey: dataKey, headersKey: dataKey },
      }),
      required: ['existingSecret'],
    },
  },
  migrateJob: only({
    enabled: flag,
    sinkSecrets: {
      type: 'object',
      additionalProperties: { ...only({ existingSecret: name }), required: ['existingSecret'] },
    },
    resources: kubernetesObject,
  }),
  redriveJob: only({
    enabled: flag,
    schedule: matching('^(@[a-z]+|\\S+( \\S+){4})?$'),
    args: listOf(text),
    resources: kubernetesObject,
  }),
  replayJob: only({
    enabled: flag,
    from: zonedTime,
    to: zonedTime,
    topic: text,
    handler: text,
    dryRun: flag,
    existingClaim: optionalName,
    resources: kubernetesObject,
  }),
  admin: only({ existingSecret: optionalName, tokenKey: dataKey, readTokenKey: optionalDataKey }),
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
    deadLettersPorts: listOf(port),
    deadLettersTo: kubernetesObjects,
    sinkPorts: listOf(port),
    apiServerPorts: listOf(port),
    extraIngress: kubernetesObjects,
    extraEgress: kubernetesObjects,
  }),
  monitoring: monitoringSchema,
  commonLabels: texts,
  podLabels: texts,
  podAnnotations: texts,
  podSecurityContext: kubernetesObject,
  securityContext: kubernetesObject,
  extraEnv: listOf({
    ...only({ name: text, value: text, valueFrom: kubernetesObject }),
    required: ['name'],
  }),
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
