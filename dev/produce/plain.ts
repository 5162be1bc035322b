import type { BrokerOptions } from '../../src/broker/types.ts'
import { silentLog } from '../../src/kernel/log.ts'
import type { RecordProducer } from '../synthetic/types.ts'
import { createProducer } from './producer.ts'

/** How brokers without security are reached. */
export function plainBrokers(brokers: readonly string[], clientId: string): BrokerOptions {
  return {
    ...{ brokers, clientId, security: { protocol: 'PLAINTEXT' } },
    ...{ connectionTimeout: 10_000, requestTimeout: 30_000 },
  }
}

/** A producer to them that compresses nothing. */
export function plainProducer(
  brokers: readonly string[],
  clientId: string,
): Promise<RecordProducer> {
  return createProducer(plainBrokers(brokers, clientId), { compression: 'none' }, silentLog)
}
