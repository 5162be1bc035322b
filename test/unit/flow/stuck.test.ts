import assert from 'node:assert/strict'
import test from 'node:test'
import { createCapturedLog } from '../../support/captured-log.ts'
import {
  assign,
  batchOf,
  createFlow,
  done,
  Handler,
  TOPIC,
  turns,
  until,
} from './harness/harness.ts'

test('a handler that ignores its deadline is logged once; it keeps its partition, and frees its slot', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  let now = 0
  const log = createCapturedLog()
  const handler = new Handler()
  const flow = createFlow(t, {
    options: { concurrency: 1 },
    handle: (record, signal) => (record.partition === 0 ? handler.handle(record, signal) : done()),
    processor: { stuckAfter: 5_000, handling: () => ['whale'] },
    clock: { now: () => now, monotonic: () => now },
    log,
  })
  const assignment = assign([0, 1])
  flow.listener.assigned(assignment)
  flow.listener.batch(batchOf(0, 0, 2))
  await until(() => handler.inFlight.length === 1, 'the record')
  flow.listener.batch(batchOf(1, 0, 3))
  const pass = async (milliseconds: number) => {
    now += milliseconds
    t.mock.timers.tick(1_000)
    await turns()
  }
  await pass(5_000)
  assert.equal(flow.handed.length, 1, 'the only place is taken')
  await pass(1_000)
  await until(() => flow.meters.topic(TOPIC).handled === 3, 'the other partition')
  for (let count = 0; count < 5; count++) await pass(60_000)
  assert.deepEqual(
    log.lines
      .filter(({ fields }) => fields.event === 'record.stuck')
      .map(({ fields, text }) => [fields['offset'], fields['handlers'], text.split('. ')[0]]),
    [[0, ['whale'], 'The handler whale has not answered for 6 s and ignores its abort signal']],
  )
  assert.deepEqual([flow.status(0).stuck, flow.status(0).inFlight], [1, 1])
  assert.deepEqual(handler.inFlight, ['0@0'], 'its partition waits')
  await handler.answer('0@0', done())
  assert.deepEqual(handler.inFlight, ['0@1'], 'it is over')
  assert.deepEqual([flow.status(0).stuck, flow.engine.load().inFlight], [0, 1])
})

test('a slot that a hanging handler holds is freed by a rebalance', async (t) => {
  const handler = new Handler()
  const flow = createFlow(t, {
    options: { concurrency: 1, rebalanceDrain: 0 },
    handle: handler.handle,
  })
  const first = assign([0], 0)
  flow.listener.assigned(first)
  flow.listener.batch(batchOf(0, 0, 1))
  await until(() => handler.inFlight.length === 1, 'the record')
  await flow.listener.revoking(first)
  flow.listener.assigned(assign([1], 0))
  flow.listener.batch(batchOf(1, 0, 1))
  await until(() => handler.inFlight.includes('1@0'), 'the next record')
  await handler.answer('0@0')
  assert.equal(flow.engine.load().inFlight, 1)
})
