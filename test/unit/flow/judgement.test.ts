import assert from 'node:assert/strict'
import test from 'node:test'
import {
  assign,
  batchOf,
  batchOfKeys,
  createFlow,
  done,
  fails,
  fakeTime,
  Handler,
  nameOf,
  turns,
  until,
} from './harness/harness.ts'
import { ORDERS, range, setUp } from './harness/judging.ts'

const callsOf = (handed: readonly string[], name: string) =>
  handed.filter((one) => one === name).length

for (const order of ORDERS) {
  test(`${order}: a handler that throws the record's own error for every record kills none; it is only probed until it works`, async (t) => {
    const state = { isBroken: true }
    const { flow, tick, succeeded, circuit } = setUp(t, { order }, () =>
      state.isBroken ? fails('record') : done(),
    )
    flow.listener.assigned(assign([0, 1]))
    for (const partition of [0, 1]) flow.listener.batch(batchOf(partition, 0, 40))
    await turns()
    assert.equal(circuit()?.handler, 'h')
    const before = flow.handed.length
    assert.ok(before <= 8, `${before} calls before it opened`)
    await tick(60)
    // One per second on average.
    assert.ok(flow.handed.length - before <= 60, `${flow.handed.length - before} calls in 60 s`)
    assert.deepEqual(flow.dead(), [])
    state.isBroken = false
    await tick(31)
    assert.equal(circuit(), undefined)
    assert.equal(succeeded.length, 80)
    assert.deepEqual(flow.dead(), [])
    if (order !== 'none') {
      assert.deepEqual(
        succeeded.filter((name) => name.startsWith('0@')),
        range(0, 0, 40),
      )
    }
  })

  test(`${order}: a handler that throws it for some records makes exactly these dead letters, at once and with few calls`, async (t) => {
    const bad = new Set(['0@7', '0@50', '1@3', '1@99'])
    const { flow, succeeded } = setUp(t, { order }, (record) =>
      bad.has(nameOf(record)) ? fails('record') : done(),
    )
    flow.listener.assigned(assign([0, 1]))
    for (const partition of [0, 1]) flow.listener.batch(batchOf(partition, 0, 120))
    await until(() => succeeded.length === 236 && flow.dead().length === 4, 'all of it')
    assert.deepEqual(flow.dead().toSorted(), [...bad].toSorted())
    // One before the evidence, one after it, and one in between if another record triggers a retry.
    for (const name of bad) assert.ok(callsOf(flow.handed, name) <= 3)
  })

  test(`${order}: a record refused as too early is never given up, however often`, async (t) => {
    const state = { isLimited: true }
    const { flow, tick, succeeded } = setUp(t, { order }, ({ partition, offset }) =>
      partition === 0 && offset === 1 && state.isLimited ? fails('limit', 0) : done(),
    )
    flow.listener.assigned(assign([0, 1]))
    for (const partition of [0, 1]) flow.listener.batch(batchOf(partition, 0, 5))
    await tick(60)
    assert.deepEqual([flow.dead(), flow.status(0).retrying], [[], 1])
    // By the backoff, although no pause was asked for.
    assert.ok(callsOf(flow.handed, '0@1') <= 160)
    state.isLimited = false
    await tick(1)
    assert.deepEqual([flow.dead(), succeeded.length], [[], 10])
  })
}

test('none: a record is set aside after all its attempts in an outage, after only one with its own error', async (t) => {
  // Until then by the backoff, and before the timer of suspects tries it once more.
  for (const [fault, calls, seconds] of [
    ['record', 1, 0.9],
    ['world', 5, 1.1],
  ] as const) {
    const { flow, tick } = setUp(t, { order: 'none' }, () => fails(fault))
    flow.listener.assigned(assign([0]))
    flow.listener.batch(batchOf(0, 0, 1))
    await turns()
    await tick(seconds)
    assert.deepEqual([flow.handed.length, flow.status(0).suspects], [calls, 1])
    t.mock.timers.reset()
    flow.engine.close()
  }
})

test('partition: a run of bad records at the head of the only partition is passed', async (t) => {
  const { flow, tick, succeeded, circuit } = setUp(t, {}, ({ offset }) =>
    offset < 12 ? fails('record') : done(),
  )
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOf(0, 0, 30))
  await turns()
  assert.equal(circuit()?.state, 'open')
  // Probes after 1, 2, 4, 8 and 16 s, each with as many records.
  await tick(33)
  assert.deepEqual(succeeded, range(0, 12, 30))
  assert.deepEqual(flow.dead(), range(0, 0, 12))
  assert.equal(circuit(), undefined)
})

test('partition: a probe tries records behind a bad one only after it, so an outage that ends kills none', async (t) => {
  const state = { isBroken: true }
  const { flow, tick, succeeded } = setUp(t, {}, () => (state.isBroken ? fails('record') : done()))
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOf(0, 0, 30))
  await tick(16)
  state.isBroken = false
  await tick(31)
  assert.deepEqual([flow.dead(), succeeded], [[], range(0, 0, 30)])
})

test('partition: a bad record at the front of each partition at the start is not taken for an outage', async (t) => {
  const bad = ['0@0', '1@0', '2@0']
  const { flow, tick, succeeded } = setUp(t, { order: 'partition' }, (record) =>
    bad.includes(nameOf(record)) ? fails('world') : done(),
  )
  flow.listener.assigned(assign([0, 1, 2]))
  for (const partition of [0, 1, 2]) flow.listener.batch(batchOf(partition, 0, 6))
  await tick(20)
  assert.deepEqual(
    succeeded.sort(),
    [0, 1, 2].flatMap((partition) => range(partition, 1, 6)),
  )
  assert.deepEqual(flow.dead().sort(), bad)
})

for (const fault of ['record', 'world'] as const) {
  test(`two outages with a moment between them kill no record, with errors that are the ${fault}'s`, async (t) => {
    const state = { isBroken: true, mayBe: 0 }
    const { flow, tick, succeeded, circuit } = setUp(
      t,
      { order: 'none', retry: { attempts: 1, backoff: 1, maxBackoff: 1 } },
      () => {
        if (!state.isBroken || state.mayBe-- > 0) return done()
        return fails(fault)
      },
      // Longer than `patience`.
      { clock: { now: Date.now, monotonic: () => clock } },
    )
    let clock = 0
    flow.listener.assigned(assign([0]))
    flow.listener.batch(batchOf(0, 0, 200))
    await turns()
    assert.equal(circuit()?.state, 'open')
    for (let moment = 0; moment < 5; moment++) {
      await tick(10)
      clock += 1_000_000
      state.mayBe = 1
      await tick(30)
      assert.equal(circuit()?.state, 'open')
    }
    assert.deepEqual([flow.dead(), succeeded.length], [[], 5])
    state.isBroken = false
    await tick(31)
    assert.deepEqual([flow.dead(), succeeded.length], [[], 200])
  })
}

test('an attempt begun before a record failed with its own error does not make it tried again', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const handler = new Handler()
  const flow = createFlow(t, { handle: handler.handle, options: { order: 'none' } })
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOf(0, 0, 4))
  await until(() => handler.inFlight.length === 4, 'all to be handed out')
  await handler.answer('0@0', fails('record'))
  for (const name of ['0@1', '0@2', '0@3']) await handler.answer(name, done())
  assert.deepEqual([handler.inFlight, flow.status(0).suspects], [[], 1])
  flow.listener.batch(batchOf(0, 4, 1))
  await handler.answer('0@4', done())
  await handler.answer('0@0', fails('record'))
  assert.deepEqual(flow.dead(), ['0@0'])
})

test('partition: a failure in an outage that is heard of only after it is not counted, so the next outage kills no record', async (t) => {
  const tick = fakeTime(t)
  const handler = new Handler()
  const flow = createFlow(t, { handle: handler.handle, options: { order: 'partition' } })
  const isOpen = () => flow.engine.circuits().some(({ state }) => state === 'open')
  flow.listener.assigned(assign([0, 1]))
  flow.listener.batch(batchOf(0, 0, 2))
  flow.listener.batch(batchOf(1, 0, 40))
  const other = () => handler.inFlight.find((name) => name.startsWith('1@')) ?? ''
  const takesLong = () => handler.inFlight.includes('0@0')
  await until(() => takesLong() && other() !== '', 'the call that takes long, and another')
  while (other() !== '') await handler.answer(other(), fails('record'))
  assert.ok(isOpen())
  while (other() === '') await tick(1_000)
  await handler.answer(other(), done())
  assert.ok(!isOpen())
  await handler.answer('0@0', fails('record'))
  await handler.answer(other(), done())
  await handler.answer(other(), done())
  // The next outage, and its end.
  await handler.answer('0@0', fails('record'))
  await handler.answer('0@0', done())
  await handler.answer('0@1', done())
  assert.deepEqual(flow.dead(), [])
})

test('a pause that is asked for in an outage, and heard of only after it, is kept', async (t) => {
  const tick = fakeTime(t)
  const handler = new Handler()
  const flow = createFlow(t, { handle: handler.handle, options: { order: 'partition' } })
  const isOpen = () => flow.engine.circuits().some(({ state }) => state === 'open')
  flow.listener.assigned(assign([0, 1]))
  flow.listener.batch(batchOf(0, 0, 1))
  flow.listener.batch(batchOf(1, 0, 40))
  const other = () => handler.inFlight.find((name) => name.startsWith('1@')) ?? ''
  const takesLong = () => handler.inFlight.includes('0@0')
  await until(() => takesLong() && other() !== '', 'the call that takes long, and another')
  while (other() !== '') await handler.answer(other(), fails('record'))
  while (other() === '') await tick(1_000)
  await handler.answer(other(), done())
  assert.ok(!isOpen())
  await handler.answer('0@0', fails('limit', 20_000))
  await tick(19_000)
  assert.ok(!handler.inFlight.includes('0@0'))
  await tick(1_000)
  assert.ok(handler.inFlight.includes('0@0'))
})

test('the last record of a silent topic is finally given up for its own error if its handler has worked; in an outage it waits', async (t) => {
  for (const fault of ['record', 'world'] as const) {
    const { flow, tick } = setUp(
      t,
      { circuit: { maxProbeAfter: 5_000, patience: 60_000 } },
      ({ offset }) => (offset === 5 ? fails(fault) : done()),
      { clock: { now: Date.now, monotonic: () => clock } },
    )
    let clock = 0
    flow.listener.assigned(assign([0]))
    flow.listener.batch(batchOf(0, 0, 6))
    for (let second = 0; second < 50; second++) {
      clock += 1_000
      await tick(1)
    }
    assert.deepEqual([flow.dead(), flow.status(0).suspects], [[], 1])
    for (let second = 0; second < 20; second++) {
      clock += 1_000
      await tick(1)
    }
    assert.deepEqual(flow.dead(), fault === 'record' ? ['0@5'] : [])
    t.mock.timers.reset()
  }
})

for (const order of ['partition', 'key'] as const) {
  test(`${order}: an outage that ends between two records of a round of probes kills none, where others can be tried`, async (t) => {
    const keys = Array.from({ length: 20 }, (_, index) => `key-${index % 10}`)
    const partitions = order === 'key' ? [0] : [0, 1, 2, 3, 4, 5, 6, 7]
    const circuit = { maxProbeAfter: 8_000 }
    // It ends after so many probes, in rounds of 1, 2, 4 and 8.
    for (let last = 0; last < 10; last++) {
      let probes = 0
      const {
        flow,
        tick,
        circuit: open,
      } = setUp(t, { order, circuit }, () => {
        if (open() !== undefined) probes += 1
        return probes <= last ? fails('record') : done()
      })
      flow.listener.assigned(assign(partitions))
      for (const partition of partitions) flow.listener.batch(batchOfKeys(partition, 0, keys))
      await tick(18)
      assert.deepEqual([last, flow.dead()], [last, []])
      flow.engine.close()
      t.mock.timers.reset()
    }
  })
}
