import type { MemberOptions, PartitionOffsets } from '../broker/types.ts'
import type { TopicProgress } from './types.ts'

export interface LagRules {
  readonly autoOffsetReset: MemberOptions['autoOffsetReset']
  /** If so, a committed offset may be beyond `end`, within an open transaction. */
  readonly readUncommitted: boolean
}

/** Number of records that the group has not committed, over all topics. */
export function groupLag(topics: Readonly<Record<string, TopicProgress>>): number {
  return Object.values(topics).reduce((sum, { lag }) => sum + lag, 0)
}

/**
 * Of each topic, the sum of the end offsets and the number of records that the group has not
 * committed. A partition without a committed offset counts what a member would read from it: all of
 * its records, or with `latest` none, unless the partition was added to the topic later. Records
 * deleted by retention do not count.
 */
export function topicProgress(
  offsets: readonly PartitionOffsets[],
  rules: LagRules,
): Record<string, TopicProgress> {
  const addedFrom = smallestPartitionCounts(offsets)
  const topics: Record<string, { end: number; lag: number }> = {}
  for (const partition of offsets) {
    const { topic, end } = partition
    const added = partition.partition >= (addedFrom.get(topic) ?? Infinity)
    const sums = topics[topic] ?? { end: 0, lag: 0 }
    topics[topic] = sums
    sums.end += end
    sums.lag += partitionLag(partition, added, rules)
  }
  return topics
}

function partitionLag(
  { low, end, committed }: PartitionOffsets,
  added: boolean,
  { autoOffsetReset, readUncommitted }: LagRules,
): number {
  const kept = end - low
  if (committed === null) return autoOffsetReset === 'earliest' || added ? kept : 0
  // The topic was recreated or truncated: its next reader starts at its first record.
  if (committed > end) return readUncommitted ? 0 : kept
  return end - Math.max(committed, low)
}

/** Number of partitions of each topic when the group first committed an offset of it. */
function smallestPartitionCounts(offsets: readonly PartitionOffsets[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { topic, partitionsThen } of offsets) {
    if (partitionsThen === null) continue
    counts.set(topic, Math.min(partitionsThen, counts.get(topic) ?? Infinity))
  }
  return counts
}
