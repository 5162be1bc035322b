import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  accept,
  leastMoves,
  movedBetween,
  namesOf,
} from '../../../../../bench/assignors/history.ts'
import {
  assignors,
  type GroupAssignment,
  type MemberSubscription,
  type TopicPartitions,
} from '../../../../../src/broker/group/assignors/index.ts'
import { createRandom } from '../../../../support/random.ts'
import { change, newGroup } from './random-group.ts'

const { sticky } = assignors

/** Each partition with a subscriber has one owner, and it is a subscriber. */
function assertWhole(
  members: readonly MemberSubscription[],
  topics: TopicPartitions,
  assignment: GroupAssignment,
  hint: string,
): void {
  const wanted = new Set(members.flatMap((member) => member.topics))
  const expected = [...topics].filter(([topic]) => wanted.has(topic))
  const assigned = members.flatMap(({ memberId }) => namesOf(assignment.get(memberId)))
  assert.deepEqual(assigned.sort(), namesOf(new Map(expected)).sort(), hint)
  assert.equal(assignment.size, members.length, hint)
  for (const member of members) {
    for (const topic of assignment.get(member.memberId)?.keys() ?? []) {
      assert.ok(member.topics.includes(topic), `${hint}: ${member.memberId} got ${topic}`)
    }
  }
}

/** No partition could go to a subscriber with two fewer, or less, than its owner. */
function assertBalanced(
  members: readonly MemberSubscription[],
  assignment: GroupAssignment,
  hint: string,
): void {
  const count = ({ memberId }: MemberSubscription) => namesOf(assignment.get(memberId)).length
  for (const owner of members) {
    const topics = new Set(assignment.get(owner.memberId)?.keys())
    for (const other of members) {
      if (count(owner) < count(other) + 2) continue
      const could = other.topics.find((topic) => topics.has(topic))
      assert.equal(could, undefined, `${hint}: ${owner.memberId} to ${other.memberId}`)
    }
  }
}

test('equal subscriptions: complete, counts differ by at most one, as few moves as possible', () => {
  for (let seed = 1; seed <= 400; seed++) {
    const random = createRandom(seed)
    const group = newGroup(random)
    for (let step = 1; step <= 8; step++) {
      const hint = `seed ${seed}, step ${step}`
      change(group, random, true)
      const assignment = sticky.assign(group.members, group.topics)
      assertWhole(group.members, group.topics, assignment, hint)
      const counts = [...assignment.values()].map((owned) => namesOf(owned).length)
      assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, `${hint}: ${counts}`)
      const existing = group.members.map((member) => ({
        ...member,
        owned: existingOf(member, group.topics),
      }))
      const least = leastMoves(existing, group.topics)
      assert.equal(movedBetween(existing, assignment), least, hint)
      accept(group, assignment)
    }
  }
})

function existingOf({ owned, topics: subscribed }: MemberSubscription, topics: TopicPartitions) {
  return new Map(
    [...owned].map(([topic, partitions]) => {
      const existing = subscribed.includes(topic) ? topics.get(topic) : []
      return [topic, partitions.filter((partition) => existing?.includes(partition))] as const
    }),
  )
}

test('unequal subscriptions: complete and balanced as Kafka defines it, then nothing moves', () => {
  for (let seed = 1; seed <= 400; seed++) {
    const random = createRandom(seed)
    const group = newGroup(random)
    for (let step = 1; step <= 8; step++) {
      const hint = `seed ${seed}, step ${step}`
      change(group, random, false)
      const assignment = sticky.assign(group.members, group.topics)
      assertWhole(group.members, group.topics, assignment, hint)
      assertBalanced(group.members, assignment, hint)
      accept(group, assignment)
      assert.deepEqual(sticky.assign(group.members, group.topics), assignment, hint)
    }
  }
})
