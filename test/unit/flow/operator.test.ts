import assert from 'node:assert/strict'
import test from 'node:test'
import type { Outcome } from '../../../src/kernel/shapes/outcome.ts'
import {
  again,
  assign,
  batchOf,
  createFlow,
  done,
  Handler,
  TOPIC,
  turns,
  until,
} from './harness/harness.ts'

test('a paused partition hands over and fetches nothing, finishes its records in flight, and resumes', async (t) => {
  const handler = new Handler()
  const flow = createFlow(t, { handle: handler.handle })
  flow.listener.assigned(assign([0, 1]))
  flow.listener.batch(batchOf(0, 0, 3))
  flow.listener.batch(batchOf(1, 0, 3))
  await until(() => handler.inFlight.length === 2, 'the first records')
  flow.engine.hold([{ topic: TOPIC, partition: 0 }])
  assert.deepEqual(flow.fetching, ['pause 0'])
  await handler.answer('0@0')
  await handler.answer('1@0')
  assert.deepEqual(handler.inFlight, ['1@1'])
  assert.deepEqual([flow.status(0).pausedBy, flow.status(1).pausedBy], ['operator', null])
  assert.equal(flow.meters.topic(TOPIC).handled, 2)
  flow.engine.hold([])
  await until(() => handler.inFlight.includes('0@1'), 'the next record')
  assert.deepEqual([flow.fetching, flow.status(0).pausedBy], [['pause 0', 'resume 0'], null])
})

test('a paused topic stays paused over a rebalance, including new partitions, until it is resumed', async (t) => {
  const flow = createFlow(t)
  const first = assign([0], 0)
  flow.listener.assigned(first)
  flow.engine.hold([{ topic: TOPIC }, { topic: TOPIC, partition: 1 }])
  await flow.listener.revoking(first)
  flow.listener.assigned(assign([0, 1], 0))
  for (const partition of [0, 1]) flow.listener.batch(batchOf(partition, 0, 5))
  await turns()
  assert.deepEqual(flow.handed, [])
  assert.deepEqual(
    flow.engine.partitions().map(({ pausedBy, paused }) => [pausedBy, paused]),
    [
      ['operator', true],
      ['operator', true],
    ],
  )
  // A pause of the topic ends, that of its partition does not.
  flow.engine.hold([{ topic: TOPIC, partition: 1 }])
  await until(() => flow.handed.length === 5, 'the records of the other partition')
  flow.engine.hold([])
  await until(() => flow.handed.length === 10, 'all records')
})

test('nothing is handed over until it is known what operators have paused', async (t) => {
  const flow = createFlow(t)
  flow.engine.hold(null)
  flow.listener.assigned(assign([0, 1]))
  for (const partition of [0, 1]) flow.listener.batch(batchOf(partition, 0, 5))
  await turns()
  assert.deepEqual(flow.handed, [])
  assert.equal(flow.status(0).pausedBy, 'pauses')
  flow.engine.hold([{ topic: TOPIC, partition: 1 }])
  await until(() => flow.handed.length === 5, 'the records of the other partition')
  assert.deepEqual([flow.status(0).pausedBy, flow.status(1).pausedBy], [null, 'operator'])
})

test('a partition of another topic with the same number is not paused with it', async (t) => {
  const flow = createFlow(t)
  flow.listener.assigned(assign([0]))
  flow.engine.hold([{ topic: 'another', partition: 0 }, { topic: 'another' }])
  flow.listener.batch(batchOf(0, 0, 5))
  await until(() => flow.handed.length === 5, 'all records')
})

test('a partition that is resumed while its queue is full is fetched only once it has drained', async (t) => {
  const handler = new Handler()
  const flow = createFlow(t, { options: { maxRecordsPerPartition: 4 }, handle: handler.handle })
  flow.listener.assigned(assign([0]))
  flow.engine.hold([{ topic: TOPIC }])
  flow.listener.batch(batchOf(0, 0, 6))
  flow.engine.hold([])
  assert.deepEqual(flow.fetching, ['pause 0'])
  for (let offset = 0; offset < 5; offset++) await handler.answer(`0@${offset}`)
  assert.deepEqual(flow.fetching, ['pause 0', 'resume 0'])
})

test("a paused handler's partitions wait, without a probe, and its failures do not count", async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const handler = new Handler()
  const flow = createFlow(t, {
    handle: handler.handle,
    processorOf: ({ partition }) => ({ handlers: [partition === 0 ? 'a' : 'b'] }),
  })
  const assignment = assign([0, 1])
  flow.listener.assigned(assignment)
  flow.listener.batch(batchOf(0, 0, 2))
  await until(() => handler.inFlight.length === 1, 'the first record')
  flow.engine.hold([{ handler: 'a' }])
  await handler.answer('0@0', again('a'))
  flow.listener.batch(batchOf(1, 0, 1))
  await handler.answer('1@0', done('b'))
  t.mock.timers.tick(600_000)
  await turns()
  assert.deepEqual(flow.handed, ['0@0', '1@0'])
  assert.equal(flow.status(0).pausedBy, 'circuit')
  assert.deepEqual(
    flow.engine.circuits().map((circuit) => [circuit.handler, circuit.state]),
    [
      ['a', 'held'],
      ['b', 'closed'],
    ],
  )
  // Also over a rebalance.
  await flow.listener.revoking(assignment)
  flow.listener.assigned(assign([0], 0))
  flow.listener.batch(batchOf(0, 0, 2))
  await turns()
  assert.equal(flow.handed.length, 2)
  flow.engine.hold([])
  await handler.answer('0@0', done('a'))
  await handler.answer('0@1', done('a'))
  assert.equal(flow.meters.topic(TOPIC).handled, 3)
})

test('a handler that is resumed while its circuit is open is probed at once', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let away = true
  const flow = createFlow(t, {
    options: { order: 'none' },
    handle: () => (away ? again() : done()),
  })
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOf(0, 0, 9))
  await until(() => flow.engine.circuits()[0]?.state === 'open', 'the outage')
  flow.engine.hold([{ handler: 'h' }])
  t.mock.timers.tick(60_000)
  await turns()
  away = false
  flow.engine.hold([])
  await until(() => flow.meters.topic(TOPIC).handled === 9, 'all records')
})

test('more concurrency takes effect at once, less as slots become free', async (t) => {
  const handler = new Handler()
  const flow = createFlow(t, {
    options: { order: 'none', concurrency: 2 },
    handle: handler.handle,
  })
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOf(0, 0, 20))
  await turns()
  assert.equal(handler.inFlight.length, 2)
  flow.configure({ concurrency: 5 })
  await turns()
  assert.equal(handler.inFlight.length, 5)
  const { inFlight, concurrency } = flow.engine.load()
  assert.deepEqual([inFlight, concurrency], [5, 5])
  flow.configure({ concurrency: 1 })
  for (let count = 0; count < 4; count++) await handler.answer(handler.inFlight[0] ?? '')
  assert.equal(handler.inFlight.length, 1)
  await handler.answer(handler.inFlight[0] ?? '')
  assert.equal(handler.inFlight.length, 1)
})

test('changed retry options apply to failures from then on', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const flow = createFlow(t, {
    handle: ({ partition }) => (partition === 0 ? again() : done()),
  })
  flow.listener.assigned(assign([0, 1]))
  flow.listener.batch(batchOf(0, 0, 1))
  await until(() => flow.status(0).retrying === 1, 'the first attempt')
  flow.configure({ retry: { attempts: 2, backoff: 5, maxBackoff: 5 } })
  flow.listener.batch(batchOf(1, 0, 1))
  t.mock.timers.tick(100)
  await until(() => flow.letters.length === 1, 'the second attempt, which is the last now')
})

test('no more records per second than allowed, over all partitions, with synchronous and asynchronous answers', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let now = 0
  t.mock.method(performance, 'now', () => now)
  const flow = createFlow(t, {
    options: { maxRecordsPerSecond: 100 },
    handle: ({ partition }): Outcome | Promise<Outcome> =>
      partition === 0 ? done() : Promise.resolve(done()),
  })
  flow.listener.assigned(assign([0, 1]))
  flow.listener.batch(batchOf(0, 0, 500))
  flow.listener.batch(batchOf(1, 0, 500))
  const pass = async (milliseconds: number) => {
    for (let step = 0; step < milliseconds; step += 5) {
      now += 5
      t.mock.timers.tick(5)
      await turns(4)
    }
  }
  await turns()
  assert.equal(flow.handed.length, 10, 'a tenth of a second at once')
  await pass(1_000)
  assert.ok(Math.abs(flow.handed.length - 110) <= 1, `${flow.handed.length} in a second`)
  flow.configure({ concurrency: 999 })
  await turns()
  assert.ok(flow.handed.length <= 111, 'the same rate, set again, allows no burst')
  flow.configure({ maxRecordsPerSecond: 0 })
  await until(() => flow.handed.length === 1_000, 'all records')
})
