import type { DueRecord } from './due-record.ts'

/** One partition of one topic. */
export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** A record as received from Kafka, before its bytes are decoded. */
export interface KafkaRecord extends TopicPartition {
  /** Position in the partition. Offsets are int64 on the wire; broker/ refuses those above 2^53. */
  readonly offset: number
  /** Milliseconds since the epoch, as the producer or the broker set it. */
  readonly timestamp: number
  readonly key: Buffer | null
  /** null is a tombstone. It may be a slice of a larger buffer: copy what is kept for long. */
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, RecordHeader | undefined>> | undefined
  /** It is handled once more, because an operator set the offset back. Absent: it is not. */
  readonly isReplay?: true
  /** It was parked, and is handled again. Absent: it was not. */
  readonly parked?: DueRecord
}

/** null is a header without a value, which differs from an empty one. A repeated name is a list. */
export type RecordHeader = Buffer | string | null | ReadonlyArray<Buffer | string | null>

/**
 * Headers of these names and values. Without a prototype, so that `constructor` exists only if it
 * was sent.
 */
export function headersFrom(
  entries: Iterable<readonly [name: string, header: RecordHeader | undefined]>,
): NonNullable<KafkaRecord['headers']> {
  const headers: Record<string, RecordHeader | undefined> = Object.create(null)
  for (const [name, header] of entries) headers[name] = header
  return headers
}

/** All values of one name, in order. */
export function headerValues(header: RecordHeader | undefined): Array<Buffer | string | null> {
  if (header === null || header === undefined) return [null]
  return typeof header === 'string' || Buffer.isBuffer(header) ? [header] : [...header]
}

/** `topic/partition`, for maps and logs. Topic names cannot hold a slash. */
export function partitionName(topicPartition: TopicPartition): string {
  return `${topicPartition.topic}/${topicPartition.partition}`
}

/** By `partitionName`. */
export function byPartitionName<Each extends TopicPartition>(
  partitions: readonly Each[],
): Map<string, Each> {
  return new Map(partitions.map((each) => [partitionName(each), each]))
}

/** Each partition of each group once, its last: during a handover, two members report the same. */
export function onceInGroup<Status extends InGroup>(
  partitions: readonly Status[],
): readonly Status[] {
  const byName = new Map(partitions.map((each) => [`${each.group} ${partitionName(each)}`, each]))
  return [...byName.values()]
}

type InGroup = TopicPartition & { readonly group?: string }

/** Sorts by group, topic and partition. */
export function byPlace(a: InGroup, b: InGroup): number {
  return (
    compare(a.group ?? '', b.group ?? '') || compare(a.topic, b.topic) || a.partition - b.partition
  )
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** `topic/partition/offset`, for messages. */
export function recordName({
  topic,
  partition,
  offset,
}: TopicPartition & { readonly offset: number }): string {
  return `${topic}/${partition}/${offset}`
}
