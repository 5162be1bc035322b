import assert from 'node:assert/strict'
import test from 'node:test'
import { silentLog } from '../../../src/kernel/log.ts'
import {
  again,
  assign,
  batchOf,
  createFlow,
  done,
  fakeTime,
  TOPIC,
  turns,
  until,
} from './harness/harness.ts'

test('a record is retried after a pause that doubles up to its limit, and finally succeeds', async (t) => {
  const tick = fakeTime(t)
  let failures = 5
  const flow = createFlow(t, {
    options: { retry: { attempts: 9, backoff: 100, maxBackoff: 400 } },
    handle: () => (failures-- > 0 ? again() : done()),
  })
  const assignment = assign([0])
  flow.listener.assigned(assignment)
  flow.listener.batch(batchOf(0, 0, 1))
  await until(() => flow.handed.length === 1, 'the first attempt')
  for (const [index, pause] of [100, 200, 400, 400, 400].entries()) {
    assert.equal(flow.status(0).retrying, 1)
    await tick(pause - 1)
    assert.equal(flow.handed.length, index + 1, `not before ${pause} ms`)
    await tick(1)
    assert.equal(flow.handed.length, index + 2, `after ${pause} ms`)
  }
  assert.equal(flow.meters.topic(TOPIC).handled, 1)
  assert.equal(flow.meters.topic(TOPIC).retries, 5)
  assert.deepEqual([flow.status(0).retrying, flow.status(0).windowRecords], [0, 0])
  await flow.listener.revoking(assignment)
  assert.equal(assignment.committed(0), 1)
})

test('the pause is the one the handler asks for, if any', async (t) => {
  const tick = fakeTime(t)
  const flow = createFlow(t, {
    handle: () => (flow.handed.length === 1 ? again('h', 7_000) : done()),
  })
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOf(0, 0, 1))
  await until(() => flow.handed.length === 1, 'the first attempt')
  await tick(6_999)
  assert.equal(flow.handed.length, 1)
  await tick(1)
  assert.equal(flow.meters.topic(TOPIC).handled, 1)
})

test('a requested pause is bounded, and shortening it is logged once a minute', async (t) => {
  const tick = fakeTime(t)
  const lines: Array<Record<string, unknown>> = []
  let monotonic = 0
  const flow = createFlow(t, {
    options: { retry: { attempts: 9, backoff: 100, maxBackoff: 400, maxAfter: 5_000 } },
    clock: { now: () => 0, monotonic: () => monotonic },
    log: { ...silentLog, warn: (fields) => void lines.push(fields) },
    handle: () => (flow.handed.length < 5 ? again('h', flow.handed.length * 3e9) : done()),
  })
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOf(0, 0, 1))
  await until(() => flow.handed.length === 1, 'the first attempt')
  for (let attempt = 1; attempt < 5; attempt++) {
    monotonic += 25_000
    await tick(4_999)
    assert.equal(flow.handed.length, attempt)
    await tick(1)
    assert.equal(flow.handed.length, attempt + 1)
  }
  assert.equal(flow.meters.topic(TOPIC).handled, 1)
  const where = { event: 'retry.cut', topic: TOPIC, partition: 0, offset: 0, handler: 'h' }
  assert.deepEqual(lines, [
    { ...where, after: 3e9, maxAfter: 5_000 },
    { ...where, after: 12e9, maxAfter: 5_000 },
  ])
})

test('a record that is only ever too early is never given up, and that is said once a minute', async (t) => {
  const tick = fakeTime(t)
  const lines: Array<Record<string, unknown>> = []
  let monotonic = 0
  const flow = createFlow(t, {
    options: { order: 'none', retry: { attempts: 2, backoff: 100, maxBackoff: 100 } },
    clock: { now: () => 0, monotonic: () => monotonic },
    log: { ...silentLog, warn: (fields) => void lines.push(fields) },
    handle: ({ offset }) => (offset === 0 ? { ...again('h'), fault: 'limit' } : done()),
  })
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOf(0, 0, 2))
  for (let second = 0; second < 125; second++) {
    monotonic += 1_000
    await tick(100)
  }
  assert.deepEqual([flow.dead(), flow.meters.topic(TOPIC).handled], [[], 1])
  const line = { event: 'record.waits', topic: TOPIC, partition: 0, offset: 0, handler: 'h' }
  assert.deepEqual(
    lines,
    [1, 2].map(() => ({ ...line, code: 'OCC_TEST' })),
  )
})

test('how much of the last minute records waited behind a retry is known, and said once', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] })
  const lines: Array<Record<string, unknown>> = []
  const flowOf = (order: 'partition' | 'key') =>
    createFlow(t, {
      options: { order },
      log: { ...silentLog, warn: (fields) => void lines.push(fields) },
      handle: ({ offset }) => (offset === 0 ? again('h', 3_600_000) : done()),
    })
  const [strict, relaxed] = [flowOf('partition'), flowOf('key')]
  for (const { listener } of [strict, relaxed]) {
    listener.assigned(assign([0]))
    listener.batch(batchOf(0, 0, 1))
  }
  await until(() => strict.handed.length === 1, 'the first attempt')
  const seconds = async (count: number) => {
    for (let second = 0; second < count; second++) {
      t.mock.timers.tick(1_000)
      await turns(1)
    }
  }
  await seconds(10)
  assert.equal(strict.status(0).behindRetries, 0, 'no record waits behind it')
  for (const { listener } of [strict, relaxed]) listener.batch(batchOf(0, 1, 2))
  await seconds(15)
  assert.equal(strict.status(0).behindRetries, 0.25)
  assert.equal(relaxed.status(0).behindRetries, 0)
  await seconds(60)
  assert.equal(strict.status(0).behindRetries, 1)
  const where = { topic: TOPIC, partition: 0, partitions: 1 }
  assert.deepEqual(lines, [{ event: 'retry.holds', ...where, share: 10 }])
})

test('a pause longer than any timer is cut to the maximum of a timer; one that is not a number is the backoff', async (t) => {
  for (const after of [40 * 86_400_000, Number.POSITIVE_INFINITY, Number.NaN]) {
    const flow = createFlow(t, { handle: () => again('h', after) })
    flow.listener.assigned(assign([0]))
    flow.listener.batch(batchOf(0, 0, 1))
    await new Promise((resolve) => setTimeout(resolve, 50))
    assert.deepEqual([flow.handed, flow.status(0).retrying], [['0@0'], 1])
  }
})
