import assert from 'node:assert/strict'
import test from 'node:test'
import { createRandom } from '../../../support/random.ts'
import {
  assign,
  batchOf,
  createFlow,
  done,
  Handler,
  TOPIC,
  turns,
  until,
} from '../harness/harness.ts'

test('after a clean handover only what was not finished is handled again', async (t) => {
  const handler = new Handler()
  const flow = createFlow(t, { options: { order: 'none' }, handle: handler.handle })
  const first = assign([0], 0)
  flow.listener.assigned(first)
  flow.listener.batch(batchOf(0, 0, 10))
  await turns()
  for (const offset of [0, 2, 3, 7, 9]) await handler.answer(`0@${offset}`)
  await flow.engine.drain(0)
  const last = first.commits.at(-1)?.[0]
  assert.deepEqual(
    [last?.offset, last?.finished],
    [
      1,
      [
        { from: 2, to: 4 },
        { from: 7, to: 8 },
        { from: 9, to: 10 },
      ],
    ],
  )
  const seen: string[] = []
  const next = createFlow(t, {
    options: { order: 'none' },
    handle(record, signal) {
      seen.push(`${record.offset}`)
      return handler.handle(record, signal)
    },
    processor: { recall: ({ offset }) => void seen.push(`${offset} again`) },
  })
  const second = assign([0], last?.offset, last?.finished)
  next.listener.assigned(second)
  next.listener.batch(batchOf(0, 1, 12))
  await turns()
  assert.deepEqual(
    next.handed.toSorted((a, b) => Number(a.slice(2)) - Number(b.slice(2))),
    ['0@1', '0@4', '0@5', '0@6', '0@8', '0@10', '0@11', '0@12'],
  )
  assert.equal(next.meters.topic(TOPIC).carriedOver, 4)
  // What needs no handling is noted in its turn.
  const inTurn = ['1', '2 again', '3 again', '4', '5', '6', '7 again', '8', '9 again']
  assert.deepEqual(seen, [...inTurn, '10', '11', '12'])
  for (const name of [...next.handed]) await handler.answer(name)
  await next.listener.revoking(second)
  assert.equal(second.committed(0), 13)
  assert.deepEqual(second.commits.at(-1)?.[0]?.finished, [])
})

test('a partition handed over again before anything arrived forgets nothing', async (t) => {
  const finished = [{ from: 12, to: 20 }]
  const handler = new Handler()
  const flow = createFlow(t, { handle: handler.handle })
  const assignment = assign([0], 10, finished)
  flow.listener.assigned(assignment)
  flow.listener.batch(batchOf(0, 10, 1))
  await handler.answer('0@10')
  await flow.listener.revoking(assignment)
  assert.deepEqual(
    assignment.commits.at(-1)?.map(({ offset, finished }) => [offset, finished]),
    [[11, finished]],
  )
})

test('a recreated topic shares no offset with the old one: everything in it is handled', async (t) => {
  for (const order of ['partition', 'key', 'none'] as const) {
    const flow = createFlow(t, { options: { order } })
    const assignment = assign([0], 5, [{ from: 6, to: 100 }])
    flow.listener.assigned(assignment)
    flow.listener.moved({ topic: TOPIC, partition: 0 }, 0)
    flow.listener.batch(batchOf(0, 0, 50))
    await until(() => flow.handed.length === 50, 'all records')
    await flow.listener.revoking(assignment)
    assert.equal(assignment.committed(0), 50)
  }
})

test('none: records in flight of a topic that was recreated finish nothing of the new one', async (t) => {
  const handler = new Handler()
  const flow = createFlow(t, {
    options: { order: 'none' },
    commit: { everyRecords: 1 },
    handle: handler.handle,
  })
  const assignment = assign([0], 2)
  flow.listener.assigned(assignment)
  flow.listener.batch(batchOf(0, 2, 3))
  await turns()
  assert.deepEqual(handler.inFlight, ['0@2', '0@3', '0@4'])
  await handler.answer('0@3')
  flow.listener.moved({ topic: TOPIC, partition: 0 }, 0)
  flow.listener.batch(batchOf(0, 0, 2))
  await turns()
  await handler.answer('0@0')
  await handler.answer('0@1')
  await handler.answer('0@2')
  await handler.answer('0@4')
  assert.equal(assignment.committed(0), 2)
  assert.deepEqual(assignment.commits.at(-1)?.[0]?.finished, [])
})

test('random handovers: in whatever order records finish, none is handled twice and none is left out', async (t) => {
  for (const seed of [1, 2, 3, 4]) {
    const random = createRandom(seed)
    const handled = new Map<number, number>()
    let calls = 0
    let answers = 0
    const answered = () => {
      answers += 1
      return done()
    }
    let offset = 0
    let finished = assign([0])[0]?.finished
    for (let generation = 1; offset < 300 && generation < 200; generation++) {
      const keep = random(100)
      const flow = createFlow(t, {
        options: { order: 'none', maxInFlight: 64, rebalanceDrain: 0 },
        handle: (record) => {
          if (random(100) < keep) return new Promise(() => {})
          handled.set(record.offset, (handled.get(record.offset) ?? 0) + 1)
          calls += 1
          return random(2) === 0 ? answered() : turns(1).then(answered)
        },
      })
      const assignment = assign([0], offset, finished)
      flow.listener.assigned(assignment)
      flow.listener.batch(batchOf(0, offset, 300 - offset))
      // Until no call follows, and all answers have arrived.
      let before: number
      do {
        before = calls
        await turns(30)
      } while (calls > before || answers < calls)
      await flow.listener.revoking(assignment)
      const last = assignment.commits.at(-1)?.[0]
      offset = last?.offset ?? offset
      finished = last?.finished ?? finished
    }
    assert.equal(offset, 300, `seed ${seed}`)
    assert.equal(handled.size, 300)
    assert.ok(handled.values().every((count) => count === 1))
  }
})
