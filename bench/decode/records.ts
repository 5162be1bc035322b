import { schemasFolder } from '../../dev/synthetic/protobuf.ts'
import { createDecoder } from '../../src/decode/decoder.ts'
import type { KafkaRecord } from '../../src/kernel/shapes/record.ts'

const decoder = createDecoder({
  ...{ topics: [], protobuf: { schemas: schemasFolder } },
  maxMessageBytes: 32 * 1024 * 1024,
})

export function recordOf(topic: string, value: Buffer, offset = 0): KafkaRecord {
  return { topic, partition: 0, offset, timestamp: 0, key: null, value, headers: undefined }
}

/** The message of a record, by the schemas of the synthetic streams. Throws what is wrong with it. */
export function messageOf(record: KafkaRecord) {
  const result = decoder.decode(record)
  if (!result.ok) throw result.error
  return result.message
}
