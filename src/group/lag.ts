import type { MemberOptions, PartitionOffsets } from '../broker/types.ts'

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
  for (const { topic, partitionsThen } of offsets) {
    if (partitionsThen === null) continue
    counts.set(topic, Math.min(partitionsThen, counts.get(topic) ?? Infinity))
  }
  return counts
}
