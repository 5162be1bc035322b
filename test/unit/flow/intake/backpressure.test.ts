import assert from 'node:assert/strict'
import test from 'node:test'
import { sizeOf } from '../../../../src/flow/intake/record-queue.ts'
import {
  assign,
  batchOf,
  createFlow,
  Handler,
  recordAt,
  TOPIC,
  turns,
  until,
} from '../harness/harness.ts'

test('past its maximum records a partition pauses once; at half it resumes once', async (t) => {
  const handler = new Handler()
  const flow = createFlow(t, { options: { maxRecordsPerPartition: 10 }, handle: handler.handle })
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOf(0, 0, 10))
  assert.deepEqual(flow.fetching, [], 'the limit itself is not past it')
  await until(() => handler.inFlight.length === 1, 'the first record')
  flow.listener.batch(batchOf(0, 10, 2))
  assert.deepEqual(flow.fetching, ['pause 0'])
  assert.equal(flow.status(0).paused, true)
  flow.listener.batch(batchOf(0, 12, 1))
  assert.deepEqual(flow.fetching, ['pause 0'], 'a fetch that was under way changes nothing')
  for (let offset = 0; offset < 6; offset++) await handler.answer(`0@${offset}`)
  assert.equal(flow.status(0).queueRecords, 6)
  assert.deepEqual(flow.fetching, ['pause 0'])
  await handler.answer('0@6')
  assert.equal(flow.status(0).queueRecords, 5)
  assert.deepEqual(flow.fetching, ['pause 0', 'resume 0'])
  assert.equal(flow.status(0).paused, false)
  for (let offset = 7; offset < 13; offset++) await handler.answer(`0@${offset}`)
  assert.deepEqual(flow.fetching, ['pause 0', 'resume 0'])
  assert.equal(flow.meters.process.pauses, 1)
})

test('past its maximum bytes, including those in flight, a partition pauses; at half it resumes', async (t) => {
  const handler = new Handler()
  const value = Buffer.alloc(1_000)
  const size = sizeOf(recordAt(0, 0, { value }))
  const flow = createFlow(t, {
    options: { maxBytesPerPartition: 4 * size },
    handle: handler.handle,
  })
  flow.listener.assigned(assign([0]))
  const records = Array.from({ length: 6 }, (_, offset) => recordAt(0, offset, { value }))
  flow.listener.batch(batchOf(0, 0, 6, { records }))
  assert.deepEqual(flow.fetching, ['pause 0'])
  for (let offset = 0; offset < 2; offset++) await handler.answer(`0@${offset}`)
  assert.deepEqual([flow.status(0).queueBytes, flow.fetching], [3 * size, ['pause 0']])
  await handler.answer('0@2')
  assert.deepEqual([flow.status(0).queueBytes, flow.fetching], [2 * size, ['pause 0']])
  assert.equal(flow.status(0).windowBytes, size)
  await handler.answer('0@3')
  assert.deepEqual([flow.status(0).queueBytes, flow.fetching], [size, ['pause 0', 'resume 0']])
})

test('one record above the limit pauses its partition until it is in flight, not forever', async (t) => {
  const flow = createFlow(t, { options: { maxBytesPerPartition: 100 } })
  flow.listener.assigned(assign([0]))
  for (let offset = 0; offset < 3; offset++) {
    flow.listener.batch(batchOf(0, offset, 1))
    await until(() => flow.handed.length === offset + 1, 'the record')
  }
  assert.deepEqual(flow.fetching, [
    'pause 0',
    'resume 0',
    'pause 0',
    'resume 0',
    'pause 0',
    'resume 0',
  ])
})

test('a full partition does not pause others', async (t) => {
  const handler = new Handler()
  const flow = createFlow(t, { options: { maxRecordsPerPartition: 3 }, handle: handler.handle })
  flow.listener.assigned(assign([0, 1]))
  flow.listener.batch(batchOf(0, 0, 50))
  flow.listener.batch(batchOf(1, 0, 2))
  await handler.answer('1@0')
  await handler.answer('1@1')
  assert.deepEqual(flow.fetching, ['pause 0'])
  assert.equal(flow.meters.topic(TOPIC).handled, 2)
})

test('a partition that is paused at a rebalance starts unpaused when it returns', async (t) => {
  const handler = new Handler()
  const flow = createFlow(t, { options: { maxRecordsPerPartition: 3 }, handle: handler.handle })
  const first = assign([0], 0)
  flow.listener.assigned(first)
  flow.listener.batch(batchOf(0, 0, 5))
  assert.deepEqual(flow.fetching, ['pause 0'])
  flow.listener.lost(first)
  flow.listener.assigned(assign([0], 0))
  assert.deepEqual([flow.status(0).paused, flow.status(0).queueRecords], [false, 0])
  flow.listener.batch(batchOf(0, 0, 5))
  await turns()
  assert.deepEqual(flow.fetching, ['pause 0', 'pause 0'])
})
