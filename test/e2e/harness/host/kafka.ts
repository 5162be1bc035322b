import { startKafka } from '../../../../dev/kafka/embedded-kafka.ts'
import type { EmbeddedKafka, KafkaOptions } from '../../../../dev/kafka/types.ts'
import type { UndoStack } from '../../../../src/kernel/lifecycle.ts'
import { environment } from '../environment.ts'

export interface HostKafka {
  readonly kafka: EmbeddedKafka
  /** SASL_SSL with a client certificate, by the address that pods know this machine by. */
  readonly brokers: string
}

/** A real Kafka on this machine, open to the pods of the cluster. */
export async function startHostKafka(
  undo: UndoStack,
  options: Omit<KafkaOptions, 'advertise'> = {},
): Promise<HostKafka> {
  const kafka = await startKafka({
    ...options,
    advertise: { host: environment.host, bind: '0.0.0.0' },
    properties: { 'group.min.session.timeout.ms': '3000', ...options.properties },
  })
  undo.push('kafka', () => kafka.close())
  const { external } = kafka.brokers
  if (external === undefined) throw new Error('the embedded Kafka has no listener for pods')
  return { kafka, brokers: external.saslSslSan }
}
