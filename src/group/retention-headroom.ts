import type { PartitionStatus } from '../observe/types.ts'
import type { GroupProgress } from './types.ts'

/** Milliseconds within which the end is asked for again anyway: no figure is to flicker with it. */
const LATELY = 60_000

/**
 * Adds the time until retention deletes unprocessed records: the retention minus the age of the
 * oldest such record, or, if there is none, minus the time for which none can have been seen; null if
 * either is not known. A topic that is also limited by size may lose records sooner.
 * @param now milliseconds since the epoch
 */
export function withRetentionHeadroom(
  partition: PartitionStatus,
  progress: GroupProgress | null,
  now: number,
): PartitionStatus {
  return { ...partition, retentionHeadroom: headroom(partition, progress, now) }
}

function headroom(
  { topic, oldestUnprocessedTime: oldest, caughtUp, endKnownAt }: PartitionStatus,
  progress: GroupProgress | null,
  now: number,
): number | null {
  const retention = progress?.retentionByTopic[topic]
  if (retention === undefined) return null
  if (oldest !== null) return retention - Math.max(0, now - oldest)
  if (!caughtUp) return null
  // What came since a broker named the end is no older than that.
  const since = now - (endKnownAt ?? now)
  return since < LATELY ? retention : retention - since
}
