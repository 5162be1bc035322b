import type { GroupProgress, PartitionStatus } from '../observe/types.ts'

/**
 * With the time that is left until retention deletes what is not processed yet: the retention minus
 * the age of the oldest such record; all of the retention when there is none. null where either is
 * not known. A topic that is limited by size as well may lose records sooner.
 *
 * @param now Milliseconds since the epoch.
 */
export function withRetentionHeadroom(
  partition: PartitionStatus,
  progress: GroupProgress | null,
  now: number,
): PartitionStatus {
  return { ...partition, retentionHeadroom: headroom(partition, progress, now) }
}

function headroom(
  { topic, oldestUnprocessedTime: oldest, caughtUp }: PartitionStatus,
  progress: GroupProgress | null,
  now: number,
): number | null {
  const retention = progress?.retentionByTopic?.[topic]
  if (retention === undefined) return null
  if (oldest === null) return caughtUp ? retention : null
  return retention - Math.max(0, now - oldest)
}
