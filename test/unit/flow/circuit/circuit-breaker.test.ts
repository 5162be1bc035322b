import assert from 'node:assert/strict'
import test from 'node:test'
import { skip } from '../../../../src/kernel/shapes/outcome.ts'
import {
  again,
  assign,
  batchOf,
  batchOfKeys,
  createFlow,
  done,
  FakeMember,
  Handler,
  listen,
  TOPIC,
  turns,
  until,
} from '../harness/harness.ts'
import { outage } from '../harness/outage.ts'

for (const order of ['partition', 'key', 'none'] as const) {
  test(`${order}: an outage kills and reorders no record; it is detected, probed ever more slowly, and ends by itself`, async (t) => {
    const { flow, state, tick, circuit } = outage(t, { order })
    const assignment = assign([0, 1])
    flow.listener.assigned(assignment)
    for (const partition of [0, 1]) flow.listener.batch(batchOf(partition, 0, 20))
    for (let step = 0; step < 20; step++) await tick(100)
    assert.equal(circuit()?.state, 'open')
    assert.equal(flow.status(0).pausedBy, 'circuit')
    assert.deepEqual(flow.dead(), [])
    // From now on only probes, with a delay that doubles up to the limit.
    for (let step = 0; step < 4; step++) await tick(4_000)
    const before = flow.handed.length
    for (let probe = 1; probe <= 3; probe++) {
      await tick(3_999)
      await tick(1)
      assert.equal(flow.handed.length, before + probe)
    }
    assert.equal(flow.status(0).suspects + flow.status(1).suspects, 0)
    state.away = false
    await tick(4_000)
    for (let step = 0; step < 10; step++) await tick(100)
    assert.equal(circuit()?.state, 'closed')
    assert.equal(state.succeeded.length, 40)
    assert.deepEqual(flow.dead(), [])
    if (order === 'partition') {
      for (const partition of [0, 1]) {
        const mine = state.succeeded.filter((name) => name.startsWith(`${partition}@`))
        assert.deepEqual(
          mine,
          Array.from({ length: 20 }, (_, offset) => `${partition}@${offset}`),
        )
      }
    }
    await flow.listener.revoking(assignment)
    assert.deepEqual([assignment.committed(0), assignment.committed(1)], [20, 20])
  })
}

test('key: after an outage the records of each key come in order', async (t) => {
  const { flow, state, tick } = outage(t, { order: 'key' })
  flow.listener.assigned(assign([0]))
  flow.listener.batch(
    batchOfKeys(
      0,
      0,
      Array.from({ length: 60 }, (_, index) => `k${index % 7}`),
    ),
  )
  for (let step = 0; step < 30; step++) await tick(100)
  state.away = false
  for (let step = 0; step < 20; step++) await tick(1_000)
  assert.equal(state.succeeded.length, 60)
  for (let key = 0; key < 7; key++) {
    const mine = state.succeeded.map((name) => Number(name.slice(2))).filter((n) => n % 7 === key)
    assert.deepEqual(
      mine,
      mine.toSorted((a, b) => a - b),
    )
  }
})

test('probes use another partition each time, so one with bad records cannot keep a circuit open', async (t) => {
  const { flow, state, tick, circuit } = outage(t, {})
  flow.listener.assigned(assign([0, 1]))
  for (let offset = 0; offset < 6; offset++) state.poison.add(`0@${offset}`)
  flow.listener.batch(batchOf(0, 0, 8))
  for (let step = 0; step < 30 && circuit()?.state !== 'open'; step++) await tick(100)
  assert.equal(circuit()?.state, 'open')
  state.away = false
  flow.listener.batch(batchOf(1, 0, 1))
  for (let step = 0; step < 60; step++) await tick(100)
  assert.deepEqual(state.succeeded, ['1@0', '0@6', '0@7'])
  assert.equal(circuit()?.state, 'closed')
  assert.deepEqual(flow.dead(), ['0@0', '0@1', '0@2', '0@3', '0@4', '0@5'])
})

test('none: bad records at the front do not keep a circuit open forever: probes alternate with new ones', async (t) => {
  const { flow, state, tick, circuit } = outage(t, { order: 'none', concurrency: 5 })
  for (let offset = 0; offset < 5; offset++) state.poison.add(`0@${offset}`)
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOf(0, 0, 5))
  for (let step = 0; step < 10; step++) await tick(100)
  assert.equal(circuit()?.state, 'open')
  state.away = false
  flow.listener.batch(batchOf(0, 5, 5))
  for (let step = 0; step < 20; step++) await tick(1_000)
  assert.deepEqual(state.succeeded.length, 5)
  assert.equal(flow.letters.length, 5)
})

test("one handler's success says nothing about another's failures", async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const flow = createFlow(t, {
    options: { order: 'none', retry: { attempts: 1, backoff: 100, maxBackoff: 100 } },
    handle: ({ offset }) => (offset % 2 === 0 ? again('a') : done('b')),
  })
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOf(0, 0, 8))
  await until(() => flow.meters.topic(TOPIC).handled === 4, 'what b handles')
  assert.deepEqual([flow.status(0).suspects, flow.dead()], [4, []])
})

test('an open circuit stops the partitions of its handler, not others', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const flow = createFlow(t, {
    options: { order: 'none' },
    handle: ({ partition }) => (partition === 0 ? again('a') : done('b')),
    processorOf: ({ partition }) => ({ handlers: [partition === 0 ? 'a' : 'b'] }),
  })
  flow.listener.assigned(assign([0, 1]))
  flow.listener.batch(batchOf(0, 0, 10))
  await until(() => flow.engine.circuits().some(({ state }) => state === 'open'), 'the outage')
  flow.listener.batch(batchOf(1, 0, 10))
  await until(() => flow.meters.topic(TOPIC).handled === 10, 'the other')
  assert.deepEqual([flow.status(0).pausedBy, flow.status(1).pausedBy], ['circuit', null])
  assert.deepEqual(
    flow.engine.circuits().map(({ handler, state }) => [handler, state]),
    [
      ['a', 'open'],
      ['b', 'closed'],
    ],
  )
})

test('a probe that does not reach the handler is followed by the next at once', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let away = true
  const flow = createFlow(t, {
    options: { order: 'partition', retry: { attempts: 1, backoff: 1, maxBackoff: 1 } },
    handle: ({ partition }) => (partition === 1 ? skip('filtered') : away ? again() : done()),
  })
  flow.listener.assigned(assign([0, 1]))
  flow.listener.batch(batchOf(0, 0, 10))
  await until(() => flow.engine.circuits().some(({ state }) => state === 'open'), 'the outage')
  flow.listener.batch(batchOf(1, 0, 10))
  away = false
  t.mock.timers.tick(1_000)
  await until(() => flow.meters.topic(TOPIC).handled === 10, 'the end of the outage')
  assert.deepEqual(flow.dead(), [])
})

test('any number of records that do not reach the handler may precede the one that does', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let away = true
  const flow = createFlow(t, {
    handle: ({ partition, offset }) =>
      partition === 1 && offset < 20_000 ? skip('filtered') : away ? again() : done(),
    options: { retry: { attempts: 1, backoff: 1, maxBackoff: 1 } },
  })
  flow.listener.assigned(assign([0, 1]))
  flow.listener.batch(batchOf(0, 0, 10))
  await until(() => flow.engine.circuits().some(({ state }) => state === 'open'), 'the outage')
  flow.listener.batch(batchOf(1, 0, 20_001))
  t.mock.timers.tick(1_000)
  await turns()
  away = false
  t.mock.timers.tick(2_000)
  await until(() => flow.meters.topic(TOPIC).handled === 11, 'the end of the outage')
  assert.deepEqual([flow.meters.topic(TOPIC).skipped, flow.dead()], [20_000, []])
})

test('a partition revoked while its probe is in flight leaves the probe to another', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const handler = new Handler()
  const flow = createFlow(t, {
    options: {
      order: 'none',
      circuit: { failures: 2, firstFailures: 2 },
    },
    handle: handler.handle,
  })
  const other = listen(flow.engine, 'consumer-1', new FakeMember())
  const first = assign([0])
  flow.listener.assigned(first)
  other.assigned(assign([1]))
  flow.listener.batch(batchOf(0, 0, 2))
  await handler.answer('0@0', again())
  await handler.answer('0@1', again())
  other.batch(batchOf(1, 0, 3))
  t.mock.timers.tick(1_000)
  await turns()
  assert.deepEqual(handler.inFlight, ['0@0'], 'the probe')
  flow.listener.lost(first)
  await until(() => handler.inFlight.includes('1@0'), 'another probe')
  await handler.answer('1@0', done())
  assert.deepEqual(handler.inFlight.slice(1).sort(), ['1@1', '1@2'])
})
