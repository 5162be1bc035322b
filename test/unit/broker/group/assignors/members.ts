import { namesOf, partitionsUpTo } from '../../../../../bench/assignors/history.ts'
import type {
  Assignor,
  MemberSubscription,
  TopicPartitions,
} from '../../../../../src/broker/group/assignors/index.ts'

/** A member, its topics and what it owns written as `a/0 a/1 b/0`. */
export function member(
  memberId: string,
  topics: string,
  owned = '',
  generation = owned === '' ? -1 : 5,
  groupInstanceId: string | null = null,
): MemberSubscription {
  const partitions = new Map<string, number[]>()
  for (const name of owned.split(' ').filter(Boolean)) {
    const [topic = '', partition] = name.split('/')
    partitions.set(topic, [...(partitions.get(topic) ?? []), Number(partition)])
  }
  return {
    memberId,
    groupInstanceId,
    topics: topics.split(' '),
    owned: partitions,
    generation,
    rackId: null,
  }
}

export function sizes(counts: Readonly<Record<string, number>>): TopicPartitions {
  return new Map(Object.entries(counts).map(([topic, count]) => [topic, partitionsUpTo(count)]))
}

/** What each member gets, written as `a/0 a/1 b/0`. */
export function assigned(
  assignor: Assignor,
  members: readonly MemberSubscription[],
  topics: TopicPartitions,
): Record<string, string> {
  const assignment = assignor.assign(members, topics)
  return Object.fromEntries(
    members.map(({ memberId }) => [memberId, namesOf(assignment.get(memberId)).sort().join(' ')]),
  )
}
