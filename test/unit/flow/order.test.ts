import assert from 'node:assert/strict'
import test from 'node:test'
import type { Outcome } from '../../../src/kernel/shapes/outcome.ts'
import type { KafkaRecord } from '../../../src/kernel/shapes/record.ts'
import { createRandom } from '../../support/random.ts'
import {
  again,
  assign,
  batchOf,
  batchOfKeys,
  createFlow,
  done,
  Handler,
  nameOf,
  recordsOf,
  TOPIC,
  turns,
  until,
} from './harness/harness.ts'

test('key: records of one key are handled one after the other, those of different keys at the same time', async (t) => {
  const handler = new Handler()
  const flow = createFlow(t, { options: { order: 'key' }, handle: handler.handle })
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOfKeys(0, 0, ['a', 'b', 'a', 'c', 'a', 'b']))
  await turns()
  assert.deepEqual(handler.inFlight, ['0@0', '0@1', '0@3'])
  await handler.answer('0@3')
  assert.deepEqual(handler.inFlight, ['0@0', '0@1'])
  await handler.answer('0@0')
  assert.deepEqual(handler.inFlight, ['0@1', '0@2'])
  await handler.answer('0@2')
  assert.deepEqual(handler.inFlight, ['0@1', '0@4'])
})

test('key: the same key on another partition is a different key; records without a key are not ordered', async (t) => {
  const handler = new Handler()
  const flow = createFlow(t, { options: { order: 'key' }, handle: handler.handle })
  flow.listener.assigned(assign([0, 1]))
  flow.listener.batch(batchOfKeys(0, 0, ['a', null, null, '']))
  flow.listener.batch(batchOfKeys(1, 0, ['a']))
  await turns()
  assert.deepEqual(handler.inFlight.sort(), ['0@0', '0@1', '0@2', '0@3', '1@0'])
})

test("key: the processor's key replaces the record's own", async (t) => {
  const handler = new Handler()
  const flow = createFlow(t, {
    options: { order: 'key' },
    handle: handler.handle,
    processor: { keyOf: ({ offset }) => (offset < 3 ? 'same' : null) },
  })
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOfKeys(0, 0, ['a', 'b', 'c', 'd', 'd']))
  await turns()
  assert.deepEqual(handler.inFlight, ['0@0', '0@3', '0@4'])
})

test('none: everything at once, and the committed offset waits for the slowest record', async (t) => {
  const handler = new Handler()
  const flow = createFlow(t, {
    options: { order: 'none' },
    commit: { everyRecords: 1 },
    handle: handler.handle,
  })
  const assignment = assign([0])
  flow.listener.assigned(assignment)
  flow.listener.batch(batchOfKeys(0, 0, ['a', 'a', 'a', 'a']))
  await turns()
  assert.equal(handler.inFlight.length, 4)
  for (const name of ['0@3', '0@1', '0@2']) await handler.answer(name)
  assert.equal(assignment.committed(0), undefined)
  await handler.answer('0@0')
  assert.equal(assignment.committed(0), 4)
})

for (const order of ['partition', 'key', 'none'] as const) {
  test(`${order}: never more in flight than concurrency allows, over all partitions, each with its turn`, async (t) => {
    const handler = new Handler()
    const flow = createFlow(t, { options: { order, concurrency: 2 }, handle: handler.handle })
    flow.listener.assigned(assign([0, 1, 2]))
    for (const partition of [0, 1, 2]) flow.listener.batch(batchOf(partition, 0, 10))
    await turns()
    const seen: string[] = []
    while (seen.length < 30) {
      assert.ok(handler.inFlight.length <= 2)
      const [next] = handler.inFlight
      assert.ok(next !== undefined)
      seen.push(next)
      await handler.answer(next)
    }
    for (const partition of [0, 1, 2]) {
      const first = seen.findIndex((name) => name.startsWith(`${partition}@`))
      assert.ok(first < 5, `partition ${partition} came ${first}th: ${seen}`)
    }
  })

  test(`${order}: random handlers and failures: no forbidden overlap or reordering, nothing is committed too early`, async (t) => {
    for (const seed of [1, 2, 3]) await play(t, order, seed)
  })
}

/**
 * Handlers that answer after a random number of turns, some synchronously, some with a retry. What
 * is committed at any time must be finished, and in the end everything is.
 */
async function play(t: test.TestContext, order: 'partition' | 'key' | 'none', seed: number) {
  const random = createRandom(seed)
  const inFlight = new Set<string>()
  const last = new Map<string, number>()
  const finished = [new Set<number>(), new Set<number>()]
  let max = 0
  const unitOf = (record: KafkaRecord) => {
    if (order === 'none') return nameOf(record)
    return order === 'key' ? `${record.partition} ${record.key}` : String(record.partition)
  }
  function finish(record: KafkaRecord): Outcome {
    const unit = unitOf(record)
    inFlight.delete(unit)
    if (random(10) === 0) return again('h', random(3))
    assert.ok((last.get(unit) ?? -1) < record.offset, `${nameOf(record)} after ${last.get(unit)}`)
    last.set(unit, record.offset)
    finished[record.partition]?.add(record.offset)
    return done()
  }
  const flow = createFlow(t, {
    options: { order, maxInFlight: 50, retry: { attempts: 50, backoff: 1, maxBackoff: 1 } },
    commit: { everyRecords: 7 },
    handle(record) {
      assert.ok(!inFlight.has(unitOf(record)), `${nameOf(record)} overlaps`)
      inFlight.add(unitOf(record))
      max = Math.max(max, inFlight.size)
      return random(3) === 0 ? finish(record) : turns(random(4)).then(() => finish(record))
    },
  })
  const assignment = assign([0, 1])
  const { commit } = assignment
  Object.assign(assignment, {
    commit(offsets: Parameters<typeof commit>[0]) {
      for (const { partition, offset, finished: above } of offsets) {
        for (let below = 0; below < offset; below++) {
          assert.ok(
            finished[partition]?.has(below),
            `${below} is not finished, ${offset} committed`,
          )
        }
        for (const { from, to } of above) {
          for (let each = from; each < to; each++) assert.ok(finished[partition]?.has(each))
        }
      }
      return commit.call(assignment, offsets)
    },
  })
  flow.listener.assigned(assignment)
  for (let from = 0; from < 400; from += 40) {
    for (const partition of [0, 1]) {
      const keys = Array.from({ length: 40 }, () => `k${random(8)}`)
      flow.listener.batch(batchOfKeys(partition, from, keys))
    }
    await turns(random(20))
    for (const partition of [0, 1]) {
      assert.ok(flow.status(partition).windowRecords <= 50)
    }
  }
  await until(() => flow.meters.topic(TOPIC).handled === 800, 'all records')
  await flow.listener.revoking(assignment)
  assert.deepEqual([assignment.committed(0), assignment.committed(1)], [400, 400])
  assert.ok(order === 'partition' ? max <= 2 : max > 2, `${max} at the same time`)
  assert.deepEqual(flow.dead(), [])
}

test('a partition takes no more than its window holds; one slow record makes it wait, but not others', async (t) => {
  const handler = new Handler()
  const flow = createFlow(t, {
    options: { order: 'none', maxInFlight: 4 },
    handle: (record) =>
      record.partition === 0 && record.offset === 1
        ? handler.handle(record, new AbortController().signal)
        : done(),
  })
  flow.listener.assigned(assign([0, 1]))
  flow.listener.batch(batchOf(0, 0, 50))
  flow.listener.batch(batchOf(1, 0, 50))
  await until(() => flow.meters.topic(TOPIC).handled === 1 + 3 + 50, 'what may be handled')
  await turns()
  // From the slow record on: 1, 2, 3 and 4.
  assert.deepEqual(
    flow.handed.filter((name) => name.startsWith('0@')),
    ['0@0', '0@1', '0@2', '0@3', '0@4'],
  )
  assert.deepEqual([flow.status(0).windowRecords, flow.status(0).pausedBy], [4, 'window'])
  await handler.answer('0@1')
  await until(() => flow.meters.topic(TOPIC).handled === 100, 'all records')
  assert.deepEqual([flow.status(0).windowRecords, flow.status(0).windowBytes], [0, 0])
})

test('a partition takes no more than its maximum bytes at a time, but always one record', async (t) => {
  const handler = new Handler()
  const flow = createFlow(t, {
    options: { order: 'none', maxInFlightBytes: 500 },
    handle: handler.handle,
  })
  flow.listener.assigned(assign([0]))
  const value = Buffer.alloc(10_000)
  const records = recordsOf(0, 0, 3).map((each) => ({ ...each, value }))
  flow.listener.batch(batchOf(0, 0, 3, { records }))
  for (const offset of [0, 1, 2]) {
    await until(() => handler.inFlight.length === 1, 'one record')
    await turns()
    assert.deepEqual(handler.inFlight, [`0@${offset}`])
    await handler.answer(`0@${offset}`)
  }
})
