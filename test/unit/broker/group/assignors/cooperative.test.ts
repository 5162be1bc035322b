import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  leastMoves,
  namesOf,
  newMember,
  partitionsUpTo,
} from '../../../../../bench/assignors/history.ts'
import { rebalance } from '../../../../../bench/assignors/rounds.ts'
import {
  assignors,
  type MemberSubscription,
  type TopicPartitions,
} from '../../../../../src/broker/group/assignors/index.ts'
import { createRandom } from '../../../../support/random.ts'
import { assigned, member, sizes } from './members.ts'
import { change, newGroup } from './random-group.ts'

function assertComplete(
  members: readonly MemberSubscription[],
  topics: TopicPartitions,
  hint: string,
): void {
  const wanted = new Set(members.flatMap((member) => member.topics))
  const expected = namesOf(new Map([...topics].filter(([topic]) => wanted.has(topic))))
  const owned = members.flatMap(({ owned }) => namesOf(owned))
  assert.deepEqual(owned.sort(), expected.sort(), hint)
}

test('a member about to leave keeps its claims and gets nothing; the others move once', () => {
  const { 'cooperative-sticky': cooperative } = assignors
  const topics = sizes({ t: 8 })
  const retiring = { ...member('a', 't', 't/0 t/1'), topics: [] }
  const [c, d] = [member('c', 't', 't/4 t/5'), member('d', 't', 't/6 t/7')]
  // Of t/2 and t/3 the owner has just left.
  const first = assigned(cooperative, [retiring, c, d], topics)
  assert.equal(first['a'], '')
  assert.deepEqual([first['c'], first['d']], ['t/4 t/5', 't/2 t/3 t/6 t/7'])
  const now = [member('c', 't', first['c'], 6), member('d', 't', first['d'], 6)]
  const then = assigned(cooperative, now, topics)
  assert.deepEqual([then['c'], then['d']], ['t/0 t/1 t/4 t/5', 't/2 t/3 t/6 t/7'])
  assert.deepEqual(assigned(cooperative, [retiring], topics), { a: '' })
})

describe('random histories', () => {
  for (const equal of [true, false]) {
    const kind = equal ? 'equal' : 'unequal'
    test(`${kind} subscriptions: never two owners, and at most two rounds`, () => {
      for (let seed = 1; seed <= 400; seed++) {
        const random = createRandom(seed)
        const group = newGroup(random)
        for (let step = 1; step <= 8; step++) {
          const hint = `seed ${seed}, step ${step}`
          change(group, random, equal)
          const { rounds, overlaps } = rebalance(group)
          assert.deepEqual(overlaps, [], hint)
          assert.ok(rounds <= 2, `${hint}: ${rounds} rounds`)
          assertComplete(group.members, group.topics, hint)
        }
      }
    })

    test(`${kind} subscriptions, and a member that joins meanwhile: one more round`, () => {
      for (let seed = 1; seed <= 400; seed++) {
        const random = createRandom(seed)
        const group = newGroup(random)
        for (let step = 1; step <= 8; step++) {
          const hint = `seed ${seed}, step ${step}`
          change(group, random, equal)
          const topics = [...group.topics.keys()]
          const { rounds, overlaps } = rebalance(group, (round) => {
            if (round === 1) group.members = [...group.members, newMember(`late-${step}`, topics)]
          })
          assert.deepEqual(overlaps, [], hint)
          assert.ok(rounds <= 3, `${hint}: ${rounds} rounds`)
          assertComplete(group.members, group.topics, hint)
        }
      }
    })
  }

  test('equal subscriptions, 30 steps of a large group: as few moves as possible', () => {
    const seed = 7
    const random = createRandom(seed)
    const topics = new Map<string, readonly number[]>()
    for (let index = 0; index < 50; index++) topics.set(`topic-${index}`, partitionsUpTo(100))
    const names = [...topics.keys()]
    const joining = (count: number, step: number) =>
      Array.from({ length: count }, (_, index) => newMember(`member-${step}-${index}`, names))
    const group = { members: joining(100, 0), topics, generation: 0 }
    rebalance(group)
    let moved = 0
    let least = 0
    for (let step = 1; step <= 30; step++) {
      const leaving = new Set(Array.from({ length: random(10) }, () => random(90)))
      group.members = group.members.filter((_, index) => !leaving.has(index))
      group.members.push(...joining(random(10), step))
      least += leastMoves(group.members, topics)
      const rounds = rebalance(group)
      moved += rounds.moved
      assert.deepEqual(rounds.overlaps, [])
    }
    assert.ok(least > 1000, `too little happened: ${least}`)
    assert.ok(moved <= 1.1 * least, `seed ${seed}: ${moved} moved, ${least} at least`)
  })
})
