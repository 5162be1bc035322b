import type {
  GroupAssignment,
  MemberSubscription,
  TopicPartitions,
} from '../../src/broker/group/assignors/index.ts'

/** A group over time, as its brokers see it: what it is asked to do is simulated, no broker is used. */
export interface Group {
  members: MemberSubscription[]
  topics: Map<string, readonly number[]>
  generation: number
}

export function partitionsUpTo(count: number): number[] {
  return Array.from({ length: count }, (_, partition) => partition)
}

export function newMember(
  memberId: string,
  topics: readonly string[],
  groupInstanceId: string | null = null,
): MemberSubscription {
  return { memberId, groupInstanceId, topics, owned: new Map(), generation: -1, rackId: null }
}

/** After SyncGroup: each member has what was assigned to it, of the group's next generation. */
export function accept(group: Group, assignment: GroupAssignment): void {
  const generation = ++group.generation
  group.members = group.members.map((member) => ({
    ...member,
    generation,
    owned: assignment.get(member.memberId) ?? new Map(),
  }))
}

/** `topic/partition` of all that the member has. */
export function namesOf(owned: ReadonlyMap<string, readonly number[]> | undefined): string[] {
  return [...(owned ?? [])].flatMap(([topic, partitions]) =>
    partitions.map((partition) => `${topic}/${partition}`),
  )
}

/** Partitions of members that are still there which are somebody else's now, or nobody's. */
export function movedBetween(
  members: readonly MemberSubscription[],
  assignment: GroupAssignment,
): number {
  let moved = 0
  for (const { memberId, owned } of members) {
    const now = assignment.get(memberId)
    for (const [topic, partitions] of owned) {
      const kept = new Set(now?.get(topic))
      moved += partitions.filter((partition) => !kept.has(partition)).length
    }
  }
  return moved
}

/**
 * The fewest partitions that must change hands so that counts differ by one at most, where all
 * members subscribe to all topics: each keeps what it has, up to its share.
 */
export function leastMoves(
  members: readonly MemberSubscription[],
  topics: TopicPartitions,
): number {
  const total = [...topics.values()].reduce((sum, { length }) => sum + length, 0)
  const floor = Math.floor(total / members.length)
  const counts = members.map(({ owned }) => namesOf(owned).length)
  const aboveFloor = counts.filter((count) => count > floor).length
  const surplus = counts.reduce((sum, count) => sum + Math.max(0, count - floor), 0)
  return surplus - Math.min(aboveFloor, total - floor * members.length)
}
