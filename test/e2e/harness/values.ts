import { environment } from './environment.ts'
import { SASL_SECRET, TLS_SECRET } from './kubernetes/secrets.ts'

/** Values of the chart; a plain object of JSON. */
export type Values = { readonly [key: string]: unknown }

export interface ConsumerValues {
  readonly brokers: string
  readonly topic: string
  readonly groupId: string
}

/**
 * What a user of a SASL_SSL cluster with client certificates writes. Times are short, so that the
 * tests need not wait: a pod that is killed is missed after `sessionTimeout`.
 */
export function consumerValues({ brokers, topic, groupId }: ConsumerValues): Values {
  const [, repository = '', tag = ''] = /^(.*):([^:/]+)$/.exec(environment.image) ?? []
  return {
    image: { repository, tag, pullPolicy: 'Never' },
    sasl: { existingSecret: SASL_SECRET },
    tls: { existingSecret: TLS_SECRET },
    config: {
      kafka: {
        brokers: [brokers],
        topics: [topic],
        groupId,
        securityProtocol: 'SASL_SSL',
        sasl: { mechanism: 'SCRAM-SHA-512' },
        sessionTimeout: '10s',
        metadataMaxAge: '5s',
      },
      lag: { interval: '2s' },
      sink: { log: { every: 1 } },
    },
    // Twelve of these share a small machine.
    resources: {
      requests: { cpu: '20m', memory: '96Mi' },
      limits: { cpu: '500m', memory: '384Mi' },
    },
  }
}

/** `over` wins; objects are merged key by key, as helm merges value files. */
export function mergeValues(values: Values, over: Values): Values {
  const merged: Record<string, unknown> = { ...values }
  for (const [key, value] of Object.entries(over)) {
    const before = merged[key]
    merged[key] = isValues(before) && isValues(value) ? mergeValues(before, value) : value
  }
  return merged
}

const isValues = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
