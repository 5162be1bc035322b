import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  assignSticky,
  type Claim,
  type TopicPartitions,
} from '../../../src/broker/sticky-assignment.ts'

const claim = (memberId: string, owned: Claim['owned'] = {}, generation = 1): Claim => ({
  memberId,
  topics: ['a', 'b'],
  generation,
  owned,
})
const topic = (name: string, count: number): TopicPartitions => ({
  topic: name,
  partitions: Array.from({ length: count }, (_, partition) => partition),
})

/** Small, seeded, good enough to vary inputs: a failure can be run again. */
function createRandom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return Math.floor((state / 2 ** 31) * below)
  }
}

const names = (assigned: Record<string, number[]> = {}) =>
  Object.entries(assigned).flatMap(([name, partitions]) => partitions.map((p) => `${name}/${p}`))

test('whatever members come and go: each partition once, counts differ by one at most, few moves', () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = createRandom(seed)
    const topics = [topic('a', random(13)), topic('b', random(13))]
    const total = topics.reduce((sum, { partitions }) => sum + partitions.length, 0)
    let owned = new Map<string, Record<string, number[]>>()
    for (let generation = 1; generation <= 6; generation++) {
      const members = Array.from({ length: 1 + random(8) }, (_, index) => `member-${index}`)
      const claims = members.map((id) => claim(id, owned.get(id) ?? {}, generation - 1))
      const assigned = assignSticky(claims, topics)

      const all = [...assigned.values()].flatMap(names)
      assert.equal(all.length, total, `seed ${seed}`)
      assert.equal(new Set(all).size, total, `seed ${seed}`)
      const counts = members.map((id) => names(assigned.get(id)).length)
      assert.ok(Math.max(...counts) - Math.min(...counts) <= 1, `seed ${seed}: ${counts}`)

      // As many stay as an even split allows: each keeps up to the floor, some one more.
      const floor = Math.floor(total / members.length)
      const before = members.map((id) => names(owned.get(id)).length)
      const overFloor = before.filter((count) => count > floor).length
      const possible =
        before.reduce((sum, count) => sum + Math.min(count, floor), 0) +
        Math.min(overFloor, total - floor * members.length)
      const kept = members.flatMap((id) => {
        const now = new Set(names(assigned.get(id)))
        return names(owned.get(id)).filter((name) => now.has(name))
      })
      assert.equal(kept.length, possible, `seed ${seed}, generation ${generation}`)
      owned = new Map(assigned)
    }
  }
})

test('of two claims on one partition the newer one counts', () => {
  const claims = [claim('old', { a: [0, 1] }, 3), claim('young', { a: [0, 1] }, 4)]
  const assigned = assignSticky(claims, [topic('a', 2), topic('b', 2)])
  assert.deepEqual(assigned.get('young'), { a: [0, 1] })
  assert.deepEqual(assigned.get('old'), { b: [0, 1] })
})

test('a partition goes only to a member that reads its topic', () => {
  const only = { ...claim('only-a', { b: [0] }), topics: ['a'] }
  const assigned = assignSticky([only, claim('both')], [topic('a', 2), topic('b', 2)])
  assert.equal(assigned.get('only-a')?.['b'], undefined)
  assert.deepEqual(assigned.get('both')?.['b'], [0, 1])
})

test('claims on partitions that are gone are void', () => {
  const assigned = assignSticky([claim('one', { a: [0, 7] })], [topic('a', 1)])
  assert.deepEqual(assigned.get('one'), { a: [0] })
})
