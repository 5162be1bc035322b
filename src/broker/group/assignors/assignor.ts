import type { AssignorName } from '../../types.ts'

/** What the leader knows of one member, out of the answer to its JoinGroup. */
export interface MemberSubscription {
  readonly memberId: string
  /** Static membership; null: a dynamic member. */
  readonly groupInstanceId: string | null
  readonly topics: readonly string[]
  /** What it had, by topic: still owns it (cooperative), or just gave it up (eager). */
  readonly owned: ReadonlyMap<string, readonly number[]>
  /** The generation in which it owned them; -1: not known. */
  readonly generation: number
  readonly rackId: string | null
}

/** Numbers of the partitions of each topic, ascending. Topics that do not exist are not in it. */
export type TopicPartitions = ReadonlyMap<string, readonly number[]>

/** Partitions by topic, of each member. Each member is in it, also with nothing. */
export type GroupAssignment = Map<string, Map<string, number[]>>

export interface Assignor {
  readonly name: AssignorName
  /** Whether members give up everything before they join, or only what moves, after. */
  readonly protocol: 'eager' | 'cooperative'
  /** Deterministic for the same members, in whatever order they come. */
  assign(members: readonly MemberSubscription[], partitions: TopicPartitions): GroupAssignment
}

/**
 * Static members first, by instance id, then by member id: as Java and franz-go sort them. A static
 * member that restarts gets another member id, and keeps its place by this.
 */
export function sortMembers(members: readonly MemberSubscription[]): MemberSubscription[] {
  return [...members].sort((one, other) => {
    if (one.groupInstanceId !== null && other.groupInstanceId !== null) {
      return compareText(one.groupInstanceId, other.groupInstanceId)
    }
    if (one.groupInstanceId !== null) return -1
    if (other.groupInstanceId !== null) return 1
    return compareText(one.memberId, other.memberId)
  })
}

/** By UTF-16 code units, as Java's `compareTo`, and never by the locale of the leader's machine. */
export function compareText(one: string, other: string): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}
