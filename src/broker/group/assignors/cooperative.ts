import type { Assignor, GroupAssignment, MemberSubscription, TopicPartitions } from './assignor.ts'
import { sortMembers } from './assignor.ts'
import { newestClaims } from './claims.ts'
import { assignSticky } from './sticky.ts'

/** `sticky`, in rounds: nothing is given to a new owner while another member still owns it. */
export const cooperativeSticky: Assignor = {
  name: 'cooperative-sticky',
  protocol: 'cooperative',
  assign: (members, partitions) =>
    withoutMoves(assignSticky(members, partitions), members, partitions),
}

/**
 * Leaves out every partition that another member owns: it is nobody's in this round. Its owner sees
 * that it is not assigned to it any more, gives it up and joins again, and then it is free.
 * What several claim in the same generation is left out as well: they all have to give it up first.
 */
function withoutMoves(
  assignment: GroupAssignment,
  members: readonly MemberSubscription[],
  partitions: TopicPartitions,
): GroupAssignment {
  const sorted = sortMembers(members)
  const claims = newestClaims(sorted, partitions)
  for (const [index, { memberId }] of sorted.entries()) {
    const own = assignment.get(memberId) ?? new Map<string, number[]>()
    for (const [topic, numbers] of own) {
      const ofTopic = claims.get(topic)
      if (ofTopic === undefined) continue
      const free = numbers.filter((partition) => {
        const claim = ofTopic.get(partition)
        return claim === undefined || (claim.member === index && !claim.contested)
      })
      if (free.length > 0) own.set(topic, free)
      else own.delete(topic)
    }
  }
  return assignment
}
