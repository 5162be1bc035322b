import { type Assignor, compareText, type GroupAssignment, sortMembers } from './assignor.ts'

/**
 * All partitions of all topics in order, dealt to the members in turn, skipping members that do not
 * subscribe to the topic. As Java's RoundRobinAssignor.
 */
export const roundrobin: Assignor = {
  name: 'roundrobin',
  protocol: 'eager',
  assign(members, partitions) {
    const sorted = sortMembers(members)
    const assigned: GroupAssignment = new Map(sorted.map(({ memberId }) => [memberId, new Map()]))
    const subscribed = sorted.map(({ topics }) => new Set(topics))
    const wanted = new Set(sorted.flatMap(({ topics }) => topics))
    let turn = 0
    for (const topic of [...wanted].sort(compareText)) {
      for (const partition of partitions.get(topic) ?? []) {
        while (!subscribed[turn]?.has(topic)) turn = (turn + 1) % sorted.length
        const own = assigned.get(sorted[turn]?.memberId ?? '')
        const numbers = own?.get(topic)
        if (numbers === undefined) own?.set(topic, [partition])
        else numbers.push(partition)
        turn = (turn + 1) % sorted.length
      }
    }
    return assigned
  },
}
