import {
  type Assignor,
  type GroupAssignment,
  type MemberSubscription,
  sortMembers,
  type TopicPartitions,
} from './assignor.ts'
import { newestClaims } from './claims.ts'
import { assignSticky } from './sticky.ts'

/** `sticky` in rounds: no partition gets a new owner while another member still owns it. */
export const cooperativeSticky: Assignor = {
  name: 'cooperative-sticky',
  protocol: 'cooperative',
  assign(members, partitions) {
    const assignment = assignSticky(members, partitions)
    if (withholdMoves(assignment, members, partitions) > 0) {
      withholdLaterMoves(assignment, members, partitions)
    }
    return assignment
  },
}

/**
 * Leaves out every partition that another member owns; it stays unassigned in this round. Its owner
 * sees that, gives it up and joins again, and then it is free. Partitions that several members
 * claim in the same generation are left out too: all of them must give those up first.
 * @returns how many were left out
 */
function withholdMoves(
  assignment: GroupAssignment,
  members: readonly MemberSubscription[],
  partitions: TopicPartitions,
): number {
  const sorted = sortMembers(members)
  const claims = newestClaims(sorted, partitions)
  return sorted.reduce(
    (withheld, { memberId }, index) =>
      withheld +
      keepOnly(assignment, memberId, (topic, partition) => {
        const claim = claims.get(topic)?.get(partition)
        return claim === undefined || (claim.member === index && !claim.contested)
      }),
    0,
  )
}

/**
 * If subscriptions differ, the next round may place free partitions differently than planned now,
 * and move another partition: a third round. So the next round is computed now, and what it would
 * move is left out already.
 */
function withholdLaterMoves(
  assignment: GroupAssignment,
  members: readonly MemberSubscription[],
  partitions: TopicPartitions,
): void {
  for (;;) {
    const later = members.map((member) => ({
      ...member,
      generation: 0,
      owned: assignment.get(member.memberId) ?? new Map<string, number[]>(),
    }))
    const next = assignSticky(later, partitions)
    let withheld = 0
    for (const { memberId } of members) {
      const own = new Map([...(next.get(memberId) ?? [])].map(([name, of]) => [name, new Set(of)]))
      withheld += keepOnly(assignment, memberId, (topic, partition) =>
        Boolean(own.get(topic)?.has(partition)),
      )
    }
    // Each iteration leaves out more, so the loop ends.
    if (withheld === 0) return
  }
}

/** @returns how many of the member's partitions were dropped */
function keepOnly(
  assignment: GroupAssignment,
  memberId: string,
  keeps: (topic: string, partition: number) => boolean,
): number {
  const own = assignment.get(memberId) ?? new Map<string, number[]>()
  let dropped = 0
  for (const [topic, numbers] of own) {
    const kept = numbers.filter((partition) => keeps(topic, partition))
    dropped += numbers.length - kept.length
    if (kept.length > 0) own.set(topic, kept)
    else own.delete(topic)
  }
  return dropped
}
