import { readTopic } from '../../broker/topics/topic-reader.ts'
import type { BrokerOptions } from '../../broker/types.ts'
import { lz4Codec } from '../../decode/lz4/codec.ts'
import { silentLog } from '../../kernel/log.ts'
import {
  headersFrom,
  headerValues,
  type KafkaRecord,
  type RecordHeader,
} from '../../kernel/shapes/record.ts'

/** Bytes of values at most: of large records there are fewer than asked for. Up to twice as many are held. */
const MAX_BYTES = 128 * 1024 * 1024

export interface TopicRange {
  readonly count: number
  /** Milliseconds since the epoch: the first records from then on. undefined: the last ones. */
  readonly since: number | undefined
  /** Default: all. */
  readonly partition: number | undefined
}

export interface TopicRecords {
  readonly records: readonly KafkaRecord[]
  /** Others were left out, because their values are too large together. */
  readonly isFull: boolean
}

/**
 * Some records of a topic, ordered by time. Joins no group and leaves nothing behind on the
 * brokers: Read on the topic is the only permission needed.
 */
export async function readTopicRecords(
  options: BrokerOptions,
  topic: string,
  { count, since, partition }: TopicRange,
): Promise<TopicRecords> {
  const wanted = {
    section: 'kafka',
    partitions: partition === undefined ? undefined : [partition],
    since,
    last: since === undefined ? count : undefined,
    limit: count,
  }
  const nearest = createNearest(count, since === undefined)
  for await (const record of readTopic(options, topic, wanted, silentLog, lz4Codec)) {
    nearest.add(copied(record))
  }
  return nearest.end()
}

/**
 * Keeps the first or the last of the records that are added, by their time. At most twice as many,
 * or with values twice as large, are held meanwhile.
 */
export function createNearest(count: number, isLast: boolean, maxBytes = MAX_BYTES) {
  const direction = isLast ? -1 : 1
  let kept: KafkaRecord[] = []
  let held = 0
  let isFull = false

  function cut(): void {
    const nearest = kept
      .sort((a, b) => direction * (a.timestamp - b.timestamp || a.offset - b.offset))
      .slice(0, count)
    held = 0
    const end = nearest.findIndex(({ value }, index) => {
      const bytes = held + sizeOf(value)
      if (index > 0 && bytes > maxBytes) return true
      held = bytes
      return false
    })
    kept = end === -1 ? nearest : nearest.slice(0, end)
    isFull ||= end !== -1
  }

  return {
    /** Bytes of values. */
    get held() {
      return held
    },
    add(record: KafkaRecord) {
      kept.push(record)
      held += sizeOf(record.value)
      if (kept.length > 2 * count || held > 2 * maxBytes) cut()
    },
    end(): TopicRecords {
      cut()
      return { records: isLast ? kept.toReversed() : kept, isFull }
    },
  }
}

const sizeOf = (value: Buffer | null) => value?.length ?? 0

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
