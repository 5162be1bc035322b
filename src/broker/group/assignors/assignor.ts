import type { AssignorName } from '../../types.ts'

/** What the leader knows about one member, from the answer to JoinGroup. */
export interface MemberSubscription {
  readonly memberId: string
  /** Static membership; null: a dynamic member. */
  readonly groupInstanceId: string | null
  readonly topics: readonly string[]
  /** Partitions by topic that it still owns (cooperative) or has just given up (eager). */
  readonly owned: ReadonlyMap<string, readonly number[]>
  /** The generation in which it owned them; -1: not known. */
  readonly generation: number
  readonly rackId: string | null
}

/** Partition numbers of each topic, ascending. Without topics that do not exist. */
export type TopicPartitions = ReadonlyMap<string, readonly number[]>

/** Partitions by topic for every member, including members without any. */
export type GroupAssignment = Map<string, Map<string, number[]>>

export interface Assignor {
  readonly name: AssignorName
  /**
   * Eager: members give up everything before they join. Cooperative: only what moves, afterwards.
   */
  readonly protocol: 'eager' | 'cooperative'
  /** Deterministic: the order of the members does not matter. */
  assign(members: readonly MemberSubscription[], partitions: TopicPartitions): GroupAssignment
}

/**
 * Static members first, by instance id, then by member id, as Java and franz-go sort. A static
 * member that restarts gets another member id, and this keeps its place.
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

/** By UTF-16 code units, as Java's `compareTo`: independent of the leader's locale. */
export function compareText(one: string, other: string): number {
  if (one === other) return 0
  return one < other ? -1 : 1
}
