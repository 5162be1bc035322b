import type { GroupProgress } from '../../src/observe/types.ts'

/** A group whose topics have these partitions. @param at When that was read. */
export function progressOf(
  partitionsByTopic: Readonly<Record<string, number>>,
  at = 1,
): GroupProgress {
  const partitions = Object.values(partitionsByTopic).reduce((sum, count) => sum + count, 0)
  return {
    at,
    partitions,
    partitionsByTopic,
    lag: 0,
    consumeRate: null,
    produceRate: null,
    members: null,
    idleMembers: null,
    retentionByTopic: {},
  }
}
