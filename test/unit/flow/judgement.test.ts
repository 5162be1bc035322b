import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import type { FlowOptions, RecordOrder } from '../../../src/flow/types.ts'
import { CodedError } from '../../../src/kernel/errors.ts'
import { dead, type Fault, type Outcome, retry, undecodable } from '../../../src/kernel/outcome.ts'
import type { KafkaRecord } from '../../../src/kernel/record.ts'
import {
  assign,
  batchOf,
  batchOfKeys,
  createFlow,
  done,
  type FlowSetting,
  Handler,
  nameOf,
  recordAt,
  TOPIC,
  turns,
  until,
} from './harness.ts'

const ORDERS: readonly RecordOrder[] = ['partition', 'key', 'none']
const error = new CodedError('OCC_TEST', 'odd')

const fails = (fault: Fault, after: number | null = null, handler = 'h'): Outcome => ({
  ...retry(error, handler, after),
  fault,
})

/** Sets up a flow whose clock the test controls. */
function setUp(
  t: TestContext,
  options: Partial<FlowOptions>,
  handle: (record: KafkaRecord) => Outcome,
  more: FlowSetting = {},
) {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const succeeded: string[] = []
  const flow = createFlow(t, {
    handle(record) {
      const outcome = handle(record)
      if (outcome.kind === 'ok') succeeded.push(nameOf(record))
      return outcome
    },
    ...more,
    options: {
      retry: { attempts: 5, backoff: 100, maxBackoff: 400 },
      circuit: {
        failures: 10,
        firstFailures: 3,
        probeAfter: 1_000,
        maxProbeAfter: 30_000,
        patience: 900_000,
      },
      ...options,
    },
  })
  const tick = async (seconds: number) => {
    for (let step = 0; step < seconds * 10; step++) {
      t.mock.timers.tick(100)
      await turns()
    }
  }
  const circuit = () => flow.engine.circuits().find(({ state }) => state !== 'closed')
  return { flow, tick, succeeded, circuit }
}

const range = (partition: number, from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `${partition}@${from + index}`)
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
  for (const [fault, calls] of [
    ['record', 1],
    ['world', 5],
  ] as const) {
    const { flow, tick } = setUp(t, { order: 'none' }, () => fails(fault))
    flow.listener.assigned(assign([0]))
    flow.listener.batch(batchOf(0, 0, 1))
    await turns()
    await tick(0.9)
    assert.equal(flow.handed.length, calls === 1 ? 1 : 4)
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
  await handler.answer('0@0', fails('record'))
  for (const name of ['0@1', '0@2', '0@3']) await handler.answer(name, done())
  assert.deepEqual([handler.inFlight, flow.status(0).suspects], [[], 1])
  flow.listener.batch(batchOf(0, 4, 1))
  await handler.answer('0@4', done())
  await handler.answer('0@0', fails('record'))
  assert.deepEqual(flow.dead(), ['0@0'])
})

test('a pause that the other side asks for also delays the probes', async (t) => {
  const { flow, tick } = setUp(t, { order: 'none' }, () => fails('limit', 20_000))
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOf(0, 0, 30))
  await turns()
  const before = flow.handed.length
  await tick(19)
  assert.equal(flow.handed.length, before)
  await tick(2)
  assert.equal(flow.handed.length, before + 1)
  // Asking for fewer requests is not an outage: the pause does not grow.
  await tick(20)
  assert.equal(flow.handed.length, before + 2)
})

test('two handlers down at once: one probe serves both, and there is a pause after each', async (t) => {
  const state = { isAway: true }
  const handlers = ['a', 'b']
  const both = { ...retry(error, 'a'), failed: handlers, deadFor: 'a,b' }
  const { flow, tick, succeeded } = setUp(
    t,
    { order: 'none' },
    () => (state.isAway ? both : { kind: 'ok', handlers }),
    { processor: { handlers } },
  )
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOf(0, 0, 100))
  await turns()
  const before = flow.handed.length
  assert.deepEqual(
    flow.engine.circuits().map(({ state: each }) => each),
    ['open', 'open'],
  )
  await tick(1)
  assert.equal(flow.handed.length, before + 1)
  await tick(30)
  assert.equal(flow.handed.length, before + 5, 'after 1, 2, 4, 8, 16 s')
  state.isAway = false
  await tick(31)
  assert.deepEqual([flow.dead(), succeeded.length], [[], 100])
})

test('a probe that does not reach its handler, because another one fails, is followed by a pause', async (t) => {
  const state = { isFirst: true }
  const { flow, tick } = setUp(
    t,
    { order: 'none' },
    () => (state.isFirst ? fails('world', null, 'a') : fails('world', null, 'b')),
    { processor: { handlers: ['a', 'b'] } },
  )
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOf(0, 0, 1_000))
  await turns()
  state.isFirst = false
  const before = flow.handed.length
  await tick(30)
  assert.ok(flow.handed.length - before <= 60, `${flow.handed.length - before} calls in 30 s`)
})

test('no probe is made with a record that also goes to a handler paused by an operator', async (t) => {
  const { flow, tick } = setUp(t, { order: 'none' }, () => fails('world', null, 'a'), {
    processor: { handlers: ['a', 'b'] },
  })
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOf(0, 0, 10))
  await turns()
  flow.engine.pause({ handler: 'b' })
  const before = flow.handed.length
  await tick(30)
  assert.equal(flow.handed.length, before)
  flow.engine.resume({ handler: 'b' })
  await turns()
  assert.equal(flow.handed.length, before + 1)
})

test('the last record of a silent topic is finally given up for its own error if its handler has worked; in an outage it waits', async (t) => {
  for (const fault of ['record', 'world'] as const) {
    const { flow, tick } = setUp(
      t,
      {
        circuit: {
          failures: 10,
          firstFailures: 3,
          probeAfter: 1_000,
          maxProbeAfter: 5_000,
          patience: 60_000,
        },
      },
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

const NO_JSON = undecodable(new CodedError('OCC_JSON_INVALID', 'not JSON'))

for (const order of ORDERS) {
  test(`${order}: while no record of a topic can be decoded its partitions wait, and dead letters begin once one can`, async (t) => {
    const lines: string[] = []
    const log = { ...silent, error: (_: object, text: string) => void lines.push(text) }
    const state = { good: new Set<string>() }
    const { flow, tick, succeeded, circuit } = setUp(
      t,
      { order },
      (record) => (state.good.has(nameOf(record)) ? done() : NO_JSON),
      { processor: { format: 'JSON', handlers: ['h'] }, log: { ...log, child: () => log } },
    )
    flow.listener.assigned(assign([0, 1]))
    for (const partition of [0, 1]) flow.listener.batch(batchOf(partition, 0, 200))
    await turns()
    const problem = `no record of topic ${TOPIC} is JSON: set \`decode.topics\``
    assert.deepEqual([circuit()?.topic, circuit()?.problem], [TOPIC, problem])
    assert.equal(flow.status(0).pausedBy, 'decode')
    assert.match(
      lines.join(),
      /^No record of topic .* is JSON: set `decode.topics` to its actual format/,
    )
    const before = flow.handed.length
    await tick(60)
    const tried = flow.handed.length - before
    assert.ok(tried > 0 && tried <= 60, `${tried} tried in 60 s`)
    assert.equal(
      new Set(flow.handed).size,
      flow.handed.length,
      'none is tried again: an attempt would not change it',
    )
    assert.deepEqual(flow.dead(), [])
    assert.equal(lines.length, 1)
    // From now on all records are good.
    const bad = new Set(flow.handed)
    for (const partition of [0, 1])
      for (const name of range(partition, 0, 200)) state.good.add(name)
    await tick(31)
    assert.equal(circuit(), undefined)
    assert.equal(succeeded.length, 400 - bad.size)
    assert.deepEqual(flow.dead().toSorted(), [...bad].toSorted())
  })

  test(`${order}: once some records are decoded, a few bad ones are dead letters at once; a long run of them stops the topic`, async (t) => {
    const { flow, tick, succeeded, circuit } = setUp(t, { order }, ({ offset }) =>
      offset === 20 || offset === 40 || offset >= 60 ? NO_JSON : done(),
    )
    flow.listener.assigned(assign([0]))
    flow.listener.batch(batchOf(0, 0, 50))
    await until(() => succeeded.length === 48, 'the good ones')
    assert.deepEqual(flow.dead(), ['0@20', '0@40'])
    flow.listener.batch(batchOf(0, 50, 2_000))
    await tick(10)
    assert.deepEqual([circuit()?.topic, flow.dead().length], [TOPIC, 2 + 9])
    assert.match(circuit()?.problem ?? '', /^none of the newest records of topic/)
  })
}

test('a record without a value says nothing about the decoding of its topic', async (t) => {
  const { flow, circuit } = setUp(t, { order: 'none' }, ({ value }) =>
    value === null ? done() : NO_JSON,
  )
  flow.listener.assigned(assign([0]))
  const records = Array.from({ length: 8 }, (_, offset) =>
    recordAt(0, offset, offset % 2 === 0 ? {} : { value: null }),
  )
  flow.listener.batch(batchOf(0, 0, 8, { records }))
  await turns()
  assert.deepEqual([circuit()?.topic, flow.dead()], [TOPIC, []])
})

test('a topic that cannot be decoded stops no other topic', async (t) => {
  const { flow, succeeded } = setUp(t, { order: 'key' }, ({ key }) =>
    String(key) === 'bad' ? NO_JSON : done(),
  )
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOfKeys(0, 0, ['bad', 'bad', 'good', 'bad', 'bad', 'good']))
  await turns(30)
  assert.equal(succeeded.length, 2)
  assert.equal(flow.dead().length, 4)
})

test('a circuit that keeps opening and closing is logged a few times a minute, with a count', async (t) => {
  const lines: string[] = []
  const write = (_: object, text: string) => void lines.push(text)
  const log = { ...silent, info: write, warn: write, error: write }
  let calls = 0
  let clock = 0
  const { flow, tick } = setUp(
    t,
    { order: 'none' },
    () => {
      calls += 1
      return calls % 12 === 0 ? done() : fails('limit')
    },
    {
      log: { ...log, child: () => log },
      clock: { now: Date.now, monotonic: () => clock },
    },
  )
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOf(0, 0, 1_000))
  for (let second = 0; second < 125; second++) {
    clock += 1_000
    await tick(1)
  }
  const { openings = 0 } = flow.engine.circuits().find(({ handler }) => handler === 'h') ?? {}
  assert.ok(openings >= 5, `${openings} openings`)
  assert.ok(lines.length <= 3 * 3 * 3, lines.join('\n'))
  assert.match(lines.join('\n'), /\d+ more times/)
  assert.deepEqual(flow.dead(), [])
})

test('thousands of dead letters for the same reason are logged a few times, and then counted', async (t) => {
  const lines: string[] = []
  const log = { ...silent, error: (_: object, text: string) => void lines.push(text) }
  let clock = 0
  const { flow } = setUp(t, {}, () => dead(error, 'h'), {
    log: { ...log, child: () => log },
    clock: { now: Date.now, monotonic: () => clock },
  })
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOf(0, 0, 2_000))
  await until(() => flow.letters.length === 2_000, 'the letters')
  assert.equal(lines.length, 10)
  clock = 60_000
  flow.listener.batch(batchOf(0, 2_000, 1))
  await until(() => flow.letters.length === 2_001, 'one more')
  assert.match(lines[10] ?? '', /\(1990 more since/)
})

const nothing = () => {}
const silent = {
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  fatal: nothing,
  child: () => silent as never,
}

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
