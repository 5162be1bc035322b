import { type Group, newMember, partitionsUpTo } from '../../../../../bench/assignors/history.ts'

/** A group of one member and a few topics, to begin a random history with. */
export function newGroup(random: (below: number) => number): Group {
  const topics = new Map<string, readonly number[]>()
  for (let index = 1 + random(5); index > 0; index--) {
    topics.set(`topic-${index}`, partitionsUpTo(random(14)))
  }
  return { members: [newMember('member', [...topics.keys()])], topics, generation: 0 }
}

/** Changes of a group as they happen: members come, go, restart; topics come, go, grow. */
export function change(group: Group, random: (below: number) => number, equal: boolean): void {
  const names = [...group.topics.keys()]
  const subscription = () => {
    const some = names.filter(() => random(3) > 0)
    return equal || some.length === 0 ? [...names] : some
  }
  for (let changes = 1 + random(3); changes > 0; changes--) {
    const kind = random(6)
    const at = random(group.members.length)
    const id = `member-${group.generation}-${changes}-${random(1000)}`
    if (kind <= 1) group.members.push(newMember(id, subscription()))
    if (kind === 2 && group.members.length > 1) group.members.splice(at, 1)
    if (kind === 3) group.members[at] = newMember(id, group.members[at]?.topics ?? names)
    const topic = names[random(names.length)] ?? ''
    if (kind === 4) group.topics.set(topic, partitionsUpTo(random(14)))
    if (kind === 5 && !equal) {
      const member = group.members[at]
      if (member !== undefined) group.members[at] = { ...member, topics: subscription() }
    }
  }
}
