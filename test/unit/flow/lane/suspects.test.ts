import assert from 'node:assert/strict'
import test from 'node:test'
import { collectGarbage } from '../../../support/collect-garbage.ts'
import {
  again,
  assign,
  batchOf,
  batchOfKeys,
  createFlow,
  done,
  type FlowChanges,
  fakeTime,
  Handler,
  TOPIC,
  turns,
  until,
} from '../harness/harness.ts'

/** The test controls answers and time. */
function setUp(t: test.TestContext, options: FlowChanges) {
  const tick = fakeTime(t)
  const handler = new Handler()
  const flow = createFlow(t, {
    handle: handler.handle,
    options: { retry: { attempts: 1, backoff: 100, maxBackoff: 100 }, ...options },
  })
  return { handler, flow, tick }
}

test('a success begun before a record failed is no evidence against it: an outage may lie between', async (t) => {
  const { handler, flow } = setUp(t, {})
  flow.listener.assigned(assign([0, 1]))
  flow.listener.batch(batchOf(0, 0, 1))
  flow.listener.batch(batchOf(1, 0, 1))
  await turns()
  assert.deepEqual(handler.inFlight.toSorted(), ['0@0', '1@0'])
  await handler.answer('0@0', again())
  await handler.answer('1@0', done())
  await handler.answer('0@0', again())
  assert.deepEqual([flow.dead(), flow.status(0).suspects], [[], 1])
  flow.listener.batch(batchOf(1, 1, 1))
  await handler.answer('1@1', done())
  await handler.answer('0@0', again())
  assert.deepEqual(flow.dead(), ['0@0'])
})

test('key: a suspect overtaken by a later record of its key is dead, and not retried', async (t) => {
  const { handler, flow } = setUp(t, { order: 'key' })
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOfKeys(0, 0, ['a', 'a', 'b']))
  await turns()
  await handler.answer('0@0', again())
  assert.deepEqual(handler.inFlight, ['0@2', '0@1'])
  await handler.answer('0@1', done())
  assert.deepEqual(flow.dead(), ['0@0'])
  await handler.answer('0@2', done())
  assert.deepEqual(flow.handed, ['0@0', '0@2', '0@1'])
})

test('key: a suspect that is retried waits for the record of its key in flight', async (t) => {
  const { handler, flow } = setUp(t, { order: 'key' })
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOfKeys(0, 0, ['a', 'a', 'b', 'a']))
  await turns()
  await handler.answer('0@0', again())
  await handler.answer('0@2', done())
  assert.deepEqual(handler.inFlight, ['0@1'], 'two records of a key at the same time')
  await handler.answer('0@1', again())
  assert.deepEqual(handler.inFlight, ['0@0'], 'the first comes first')
  await handler.answer('0@0', done())
  assert.deepEqual(flow.handed, ['0@0', '0@2', '0@1', '0@0', '0@1'])
})

test('key: a suspect that is retried goes before a record of its key that waits for its next attempt', async (t) => {
  const { handler, flow, tick } = setUp(t, {
    order: 'key',
    retry: { attempts: 2, backoff: 100, maxBackoff: 100 },
  })
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOfKeys(0, 0, ['a', 'a', 'b']))
  await turns()
  await handler.answer('0@0', again())
  await tick(100)
  await handler.answer('0@0', again())
  await handler.answer('0@1', again())
  assert.deepEqual([flow.status(0).suspects, flow.status(0).retrying], [1, 1])
  await handler.answer('0@2', done())
  assert.deepEqual(handler.inFlight, ['0@0'])
  await tick(100)
  assert.deepEqual(handler.inFlight, ['0@0'], 'the other waits for it')
  await handler.answer('0@0', done())
  assert.deepEqual(handler.inFlight, ['0@1'])
})

test('key: a suspect goes before a record of its key that only waits for a slot', async (t) => {
  const { handler, flow } = setUp(t, { order: 'key', concurrency: 2 })
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOfKeys(0, 0, ['b', 'a', 'a']))
  await turns()
  flow.configure({ concurrency: 1 })
  await handler.answer('0@1', again())
  assert.deepEqual(handler.inFlight, ['0@0'])
  await handler.answer('0@0', done())
  flow.configure({ concurrency: 5 })
  await turns()
  assert.deepEqual(handler.inFlight, ['0@1'])
  await handler.answer('0@1', done())
  assert.deepEqual(handler.inFlight, ['0@2'])
})

test('a record that failed in an outage has all its attempts after it', async (t) => {
  const { handler, flow, tick } = setUp(t, {
    order: 'none',
    retry: { attempts: 3, backoff: 100, maxBackoff: 100 },
    circuit: { failures: 2, firstFailures: 2, maxProbeAfter: 1_000 },
  })
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOf(0, 0, 1))
  await handler.answer('0@0', again())
  await tick(100)
  await handler.answer('0@0', again())
  flow.listener.batch(batchOf(0, 1, 1))
  await handler.answer('0@1', again())
  assert.equal(flow.engine.circuits()[0]?.state, 'open')
  await tick(1_000)
  await handler.answer(handler.inFlight[0] ?? '', again())
  await tick(1_000)
  assert.deepEqual(handler.inFlight, ['0@1'], 'by turns')
  await handler.answer('0@1', done())
  // Two attempts failed before. If they counted, the third would be the last.
  await handler.answer('0@0', again())
  assert.deepEqual([flow.dead(), flow.status(0).retrying], [[], 1])
  await tick(100)
  await handler.answer('0@0', done())
  assert.equal(flow.meters.topic(TOPIC).handled, 2)
})

test('an outage opens the circuit once, however many records were in flight', async (t) => {
  const { handler, flow, tick } = setUp(t, { order: 'none' })
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOf(0, 0, 20))
  await turns()
  for (const name of handler.inFlight) await handler.answer(name, again())
  assert.deepEqual([handler.inFlight, flow.engine.circuits()[0]?.openings], [[], 1])
  // The probes: after one second, then after two, four and four more.
  for (const pause of [1_000, 2_000, 4_000, 4_000]) {
    await tick(pause - 1)
    assert.deepEqual(handler.inFlight, [], `not before ${pause} ms`)
    await tick(1)
    assert.equal(handler.inFlight.length, 1, `after ${pause} ms`)
    await handler.answer(handler.inFlight[0] ?? '', again())
  }
})

test('key: memory does not grow with the number of keys seen', async (t) => {
  const flow = createFlow(t, { options: { order: 'key' }, handle: async () => done() })
  flow.listener.assigned(assign([0]))
  const pass = async (from: number, count: number) => {
    for (let offset = from; offset < from + count; offset += 1_000) {
      const keys = Array.from({ length: 1_000 }, (_, index) => `key-${offset + index}`)
      flow.listener.batch(batchOfKeys(0, offset, keys))
      await until(() => flow.meters.topic(TOPIC).handled === offset + 1_000, 'the records')
      flow.handed.length = 0
    }
  }
  await pass(0, 5_000)
  await collectGarbage()
  const before = process.memoryUsage().heapUsed
  await pass(5_000, 60_000)
  await collectGarbage()
  const grown = process.memoryUsage().heapUsed - before
  assert.ok(grown < 3_000_000, `${grown} bytes more after 60,000 keys`)
})

test('a suspect that another one has brought back is not brought back twice', async (t) => {
  const tick = fakeTime(t)
  let isUp = false
  const flow = createFlow(t, {
    options: {
      order: 'none',
      retry: { attempts: 1, backoff: 100, maxBackoff: 100 },
      circuit: { failures: 3, firstFailures: 3, probeAfter: 1_000, maxProbeAfter: 2_000 },
    },
    handle({ partition }) {
      if (isUp) return { kind: 'ok', handlers: ['a', 'b'] }
      return again(partition === 0 ? 'a' : 'b')
    },
  })
  const others = assign([1])
  flow.listener.assigned(assign([0]))
  flow.listener.assigned(others)
  flow.listener.batch(batchOf(0, 0, 2))
  await turns()
  await tick(1_000)
  assert.equal(flow.status(0).suspects, 2, 'again, and to be tried in 2 s')
  // The circuit of the other handler opens, and its probe is due when the suspects are.
  flow.listener.batch(batchOf(1, 0, 3))
  await turns()
  flow.listener.lost(others)
  await tick(1_500)
  assert.deepEqual([flow.status(0).pausedBy, flow.status(0).suspects], ['circuit', 2])
  isUp = true
  flow.handed.length = 0
  await tick(500)
  assert.deepEqual(flow.handed, ['0@0', '0@1'])
  assert.equal(flow.meters.topic(TOPIC).handled, 2)
})
