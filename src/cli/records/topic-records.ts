import { readTopic } from '../../broker/topics/topic-reader.ts'
import type { BrokerOptions } from '../../broker/types.ts'
import { lz4Codec } from '../../decode/lz4/codec.ts'
import { silentLog } from '../../kernel/log.ts'
import {
  headersFrom,
  headerValues,
  type KafkaRecord,
  type RecordHeader,
} from '../../kernel/record.ts'

/** Bytes of values held at most: with large records there are fewer than asked for. */
const MAX_BYTES = 256 * 1024 * 1024

export interface TopicRange {
  readonly count: number
  /** Milliseconds since the epoch: the first records from then on. undefined: the last ones. */
  readonly since: number | undefined
  /** Default: all. */
  readonly partition: number | undefined
}

/**
 * Some records of a topic, ordered by time. Joins no group and leaves nothing behind on the
 * brokers: Read on the topic is the only permission needed.
 */
export async function readTopicRecords(
  options: BrokerOptions,
  topic: string,
  { count, since, partition }: TopicRange,
): Promise<readonly KafkaRecord[]> {
  const wanted = {
    section: 'kafka',
    partitions: partition === undefined ? undefined : [partition],
    since,
    last: since === undefined ? count : undefined,
    limit: count,
  }
  const direction = since === undefined ? -1 : 1
  let kept: KafkaRecord[] = []

  /** Leaves the records nearest to the wanted end of the time. */
  function cut(): void {
    let bytes = 0
    kept = kept
      .sort((a, b) => direction * (a.timestamp - b.timestamp || a.offset - b.offset))
      .slice(0, count)
      .filter(({ value }, index) => {
        bytes += value?.length ?? 0
        return index === 0 || bytes <= MAX_BYTES
      })
  }

  for await (const record of readTopic(options, topic, wanted, silentLog, lz4Codec)) {
    kept.push(copied(record))
    if (kept.length > 2 * count) cut()
  }
  cut()
  return direction === 1 ? kept : kept.reverse()
}

/** A record is a slice of a fetch response, which would be kept with it. */
function copied(record: KafkaRecord): KafkaRecord {
  const { key, value, headers } = record
  const copy = (bytes: Buffer | string | null) =>
    Buffer.isBuffer(bytes) ? Buffer.from(bytes) : bytes
  const copies = Object.entries(headers ?? {}).map(([name, header]): [string, RecordHeader] => {
    const [first = null, ...more] = headerValues(header).map(copy)
    return [name, Array.isArray(header) ? [first, ...more] : first]
  })
  return {
    ...record,
    key: key === null ? null : Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
    headers: headers === undefined ? undefined : headersFrom(copies),
  }
}
