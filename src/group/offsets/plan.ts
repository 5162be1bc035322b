import { byPartitionName, partitionName, type TopicPartition } from '../../kernel/shapes/record.ts'
import { movedTo } from '../../kernel/shapes/replay.ts'
import type { LiveMove, OffsetToStore, StoredOffset } from './types.ts'

/** What a change of one offset does, before it is made. */
export interface PlannedPartition extends TopicPartition {
  /** Now; null: none is stored. */
  readonly committed: number | null
  /** The last change by an operator; null: none. It must be the same when the plan is applied. */
  readonly move: string | null
  readonly offset: number
  /** Records that were finished and are handled once more. */
  readonly replay: number
  /** Records that nobody handled and nobody will. */
  readonly skip: number
  /** Wanted records that retention has deleted; null: some, but their number is not known. */
  readonly deleted: number | null
  /** How far the wanted offset is beyond the end. */
  readonly beyond: number
  /** Timestamp of the record there, milliseconds since the epoch; null: there is none. */
  readonly time: number | null
  readonly owner: string | null
  /** For the replayed records at the present rate; null: not known. */
  readonly seconds: number | null
}

export interface OffsetPlan {
  readonly group: string
  /** null: this user may not describe the group. */
  readonly members: number | null
  /** As in `GroupOffsets`. */
  readonly table: string | null
  readonly partitions: readonly PlannedPartition[]
  /** Why chosen partitions are not among them. */
  readonly left: ReadonlyArray<TopicPartition & { readonly reason: string }>
}

/** Where a partition should go. */
export interface Wish extends StoredOffset {
  /** May be outside of the log. */
  readonly wanted: number
  /** The time that was asked for, milliseconds since the epoch; null: it was no time. */
  readonly wantedTime: number | null
}

/** The offset of a wish, within the log. */
export function offsetOf({ wanted, low, end }: Wish): number {
  return Math.min(Math.max(wanted, low), end)
}

/**
 * @param time timestamp of the record at `offsetOf` @param rate records of this partition a second
 */
export function planPartition(
  wish: Wish,
  time: number | null,
  rate: number | null,
): PlannedPartition {
  const { topic, partition, committed, move, owner, wanted, low, end } = wish
  const offset = offsetOf(wish)
  const replay = Math.max(0, (committed ?? offset) - offset)
  return {
    topic,
    partition,
    committed,
    move,
    offset,
    replay,
    skip: Math.max(0, offset - handledBelow(wish)),
    deleted: deletedBefore(wish, time),
    beyond: Math.max(0, wanted - end),
    time,
    owner,
    seconds: rate === null || rate <= 0 ? null : replay / rate,
  }

  function deletedBefore(
    { wantedTime }: Wish,
    firstTime: number | null,
  ): PlannedPartition['deleted'] {
    if (wanted < low) return low - wanted
    // The log once had older records, and its first one is younger than what was asked for.
    const mayLack = wantedTime !== null && offset === low && low > 0
    return mayLack && (firstTime === null || firstTime > wantedTime) ? null : 0
  }
}

/**
 * Below this offset every record was handled, or cannot be any more. During a replay, that is where
 * it ends. If nothing is stored, as far as anybody knows nothing was handled.
 */
function handledBelow({ committed, replay, low, end }: StoredOffset): number {
  return Math.max(low, Math.min(Math.max(committed ?? 0, replay?.to ?? 0), end))
}

/**
 * Why the plan does not fit the offsets any more.
 * @param isLive members get further, which is no reason
 */
export function movedSince(
  planned: readonly LiveMove[],
  now: readonly StoredOffset[],
  isLive: boolean,
): string[] {
  const stored = byPartitionName(now)
  return planned.flatMap((each) => {
    const name = partitionName(each)
    const found = stored.get(name)
    if (found === undefined) return [`${name} is gone`]
    if (found.move !== each.move) return [`an operator has set ${name} to another offset`]
    // A member would not find such an offset, and might begin anew.
    if (each.offset > found.end) return [`${name} ends at ${found.end}, before ${each.offset}`]
    const isAhead = (found.committed ?? 0) >= (each.committed ?? 0)
    if (found.committed === each.committed || (isLive && isAhead)) return []
    return [`${name} is at ${found.committed ?? 'no offset'}, and was at ${each.committed}`]
  })
}

/** How many records nobody handles, by the offsets as they are now; partitions without any are left out. */
export function skippedBy(
  planned: readonly LiveMove[],
  now: readonly StoredOffset[],
): ReadonlyArray<TopicPartition & { readonly skip: number }> {
  const stored = byPartitionName(now)
  return planned.flatMap(({ topic, partition, offset }) => {
    const found = stored.get(partitionName({ topic, partition }))
    const skip = found === undefined ? 0 : offset - handledBelow(found)
    return skip <= 0 ? [] : { topic, partition, skip }
  })
}

/** What to store for a plan, for a group without members. @param move id of this change */
export function offsetsToStore(
  planned: readonly LiveMove[],
  now: readonly StoredOffset[],
  move: string,
  deduplicates: boolean,
): OffsetToStore[] {
  const stored = byPartitionName(now)
  return planned.flatMap((each) => {
    const found = stored.get(partitionName(each))
    if (found === undefined) return []
    const { topic, partition, offset } = each
    const handled = { handled: handledBelow(found), skippedFrom: found.skippedFrom }
    return { topic, partition, offset, ...movedTo(offset, handled, move, deduplicates) }
  })
}
