import { readTopic } from '../../../src/broker/topics/topic-reader.ts'
import type { BrokerOptions } from '../../../src/broker/types.ts'
import { lz4Codec } from '../../../src/decode/lz4/codec.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import type { KafkaRecord } from '../../../src/kernel/shapes/record.ts'

/** All records of a topic that there are now, of each partition in their order. */
export async function recordsOf(broker: BrokerOptions, topic: string): Promise<KafkaRecord[]> {
  const records: KafkaRecord[] = []
  const reading = { section: 'kafka' }
  for await (const record of readTopic(broker, topic, reading, silentLog, lz4Codec)) {
    records.push(record)
  }
  return records
}

/** A header's text; of several the last one; undefined where there is none. */
export function headerOf({ headers }: Pick<KafkaRecord, 'headers'>, name: string) {
  const header = headers?.[name]
  return (Array.isArray(header) ? header.at(-1) : header)?.toString()
}
