import { stringify } from 'yaml'
import { configJsonSchema } from '../../src/config/schema/index.ts'
import { chartSchema } from './chart-schema.ts'
import type { JsonSchema } from './json-schema.ts'

/** Keys of `config` that are written at the same place without it. */
const OF_CONFIG = [
  'deadLetters.target',
  'deadLetters.fallback',
  'deadLetters.file',
  'deadLetters.kafka.brokers',
  'deadLetters.kafka.topic',
  'deadLetters.kafka.securityProtocol',
  'deadLetters.postgres.table',
  'kubernetes.leaseName',
  'kubernetes.partitionSync.interval',
]

/** Keys of `config.kafka`, written at the root or in the chart's own sections. */
const OF_KAFKA = ['topics', 'groupId', 'securityProtocol', 'sasl.mechanism', 'tls.verify']

/** Names that other charts have, and what this one has instead. */
const OF_OTHER_CHARTS = {
  annotations: 'podAnnotations',
  'autoscaling.enabled': 'autoscaling.mode: none, keda or hpa',
  'autoscaling.maxReplicas': 'autoscaling.partitions: the maximum follows from it',
  'autoscaling.targetCPUUtilizationPercentage': 'autoscaling.hpa.cpuUtilization',
  command: 'args',
  env: 'extraEnv',
  'image.name': 'image.repository',
  labels: 'commonLabels or podLabels',
  livenessProbe: 'probes.liveness',
  pdb: 'podDisruptionBudget',
  persistence: 'deadLetters.existingClaim',
  podMonitor: 'monitoring.podMonitor',
  prometheusRule: 'monitoring.rules',
  readinessProbe: 'probes.readiness',
  replicas: 'replicaCount',
  'sasl.password': 'a Secret, and its name as sasl.existingSecret',
  'sasl.username': 'a Secret, and its name as sasl.existingSecret',
  serviceMonitor: 'monitoring.serviceMonitor',
  startupProbe: 'probes.startup',
  volumeMounts: 'extraVolumeMounts',
  volumes: 'extraVolumes',
}

/** Keys that people write by mistake, as dotted paths, and where what they mean belongs. */
function elsewhere(): Readonly<Record<string, string>> {
  const sections = Object.keys((configJsonSchema() as JsonSchema).properties ?? {})
  const atRoot = sections.filter((name) => chartSchema.properties?.[name] === undefined)
  return {
    ...Object.fromEntries([...atRoot, ...OF_CONFIG].map((key) => [key, `config.${key}`])),
    ...Object.fromEntries(OF_KAFKA.map((key) => [key, `config.kafka.${key}`])),
    ...OF_OTHER_CHARTS,
  }
}

/** The schema, with these keys let through: the chart refuses them with the place where they belong. */
export function withElsewhere(schema: JsonSchema): JsonSchema {
  return Object.entries(elsewhere()).reduce((all, [key, place]) => {
    return allowing(all, key.split('.'), { description: `Refused: write ${place}` })
  }, schema)
}

function allowing(schema: JsonSchema, path: readonly string[], key: JsonSchema): JsonSchema {
  const [name = '', ...rest] = path
  const child = rest.length === 0 ? key : allowing(schema.properties?.[name] ?? {}, rest, key)
  return { ...schema, properties: { ...schema.properties, [name]: child } }
}

export function elsewhereFile(): string {
  return [
    '# Keys that people write by mistake, and where what they mean belongs.',
    '# Written by npm run docs, from dev/chart/elsewhere.ts.',
    stringify(elsewhere(), { sortMapEntries: true }),
  ].join('\n')
}
