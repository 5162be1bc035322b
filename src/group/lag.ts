import { decodeMetadata } from '../broker/offsets/commit-metadata.ts'
import type { MemberOptions } from '../broker/types.ts'
import type { TopicPartition } from '../kernel/record.ts'

/** What the brokers know of one partition and of what the group did with it. */
export interface PartitionOffsets extends TopicPartition {
  /** First offset that is kept. */
  readonly low: number
  /** The offset that the next record will get; without those of open transactions. */
  readonly end: number
  /** null where the group has committed nothing. */
  readonly committed: number | null
  /** Written beside the committed offset; see commit-metadata.ts. */
  readonly metadata: string | null
}

export interface LagRules {
  readonly autoOffsetReset: MemberOptions['autoOffsetReset']
  /** Then a committed offset may be beyond `end`, within an open transaction. */
  readonly readUncommitted: boolean
}

/**
 * Records that the group has not committed, of all partitions. Where nothing is committed, it is
 * what a member would begin with: everything that is kept, or nothing with `latest`, but for a
 * partition that was added to the topic later. What retention has deleted is not counted.
 */
export function groupLag(offsets: readonly PartitionOffsets[], rules: LagRules): number {
  const addedFrom = smallestPartitionCounts(offsets)
  let lag = 0
  for (const partition of offsets) {
    const added = partition.partition >= (addedFrom.get(partition.topic) ?? Infinity)
    lag += partitionLag(partition, added, rules)
  }
  return lag
}

function partitionLag(
  { low, end, committed }: PartitionOffsets,
  added: boolean,
  { autoOffsetReset, readUncommitted }: LagRules,
): number {
  const kept = end - low
  if (committed === null) return autoOffsetReset === 'earliest' || added ? kept : 0
  // The topic was made anew or cut: its next reader begins at its first record.
  if (committed > end) return readUncommitted ? 0 : kept
  return end - Math.max(committed, low)
}

/** How many partitions each topic had when the group first committed an offset of it. */
function smallestPartitionCounts(offsets: readonly PartitionOffsets[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { topic, metadata } of offsets) {
    const { partitions } = decodeMetadata(metadata, 0)
    if (partitions !== null) counts.set(topic, Math.min(partitions, counts.get(topic) ?? Infinity))
  }
  return counts
}
