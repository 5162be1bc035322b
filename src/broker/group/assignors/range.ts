import {
  type Assignor,
  compareText,
  type GroupAssignment,
  type MemberSubscription,
  sortMembers,
  type TopicPartitions,
} from './assignor.ts'

/**
 * Each topic separately: its partitions in order, cut into one range per member; the first members
 * get one more. Topics of equal size are cut alike, so the same member has partition 3 of each. As
 * Java's RangeAssignor, without racks.
 */
export const range: Assignor = {
  name: 'range',
  protocol: 'eager',
  assign(members, partitions) {
    const sorted = sortMembers(members)
    const assigned: GroupAssignment = new Map(sorted.map(({ memberId }) => [memberId, new Map()]))
    const subscribersOf = collectSubscribers(sorted, partitions)
    for (const topic of [...subscribersOf.keys()].sort(compareText)) {
      const subscribers = subscribersOf.get(topic) ?? []
      const numbers = partitions.get(topic) ?? []
      const each = Math.floor(numbers.length / subscribers.length)
      const oneMore = numbers.length % subscribers.length
      let from = 0
      for (const [index, memberId] of subscribers.entries()) {
        const to = from + each + (index < oneMore ? 1 : 0)
        if (to > from) assigned.get(memberId)?.set(topic, numbers.slice(from, to))
        from = to
      }
    }
    return assigned
  },
}

function collectSubscribers(sorted: readonly MemberSubscription[], partitions: TopicPartitions) {
  const subscribersOf = new Map<string, string[]>()
  for (const { memberId, topics } of sorted) {
    for (const topic of new Set(topics)) {
      if (!partitions.has(topic)) continue
      const known = subscribersOf.get(topic)
      if (known === undefined) subscribersOf.set(topic, [memberId])
      else known.push(memberId)
    }
  }
  return subscribersOf
}
