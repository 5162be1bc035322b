import assert from 'node:assert/strict'
import test from 'node:test'
import { OK, type Outcome } from '../../../src/kernel/shapes/outcome.ts'
import {
  assign,
  batchOf,
  createFlow,
  Handler,
  recordAt,
  recordsOf,
  sizeOfAll,
  TOPIC,
  turns,
  until,
} from './harness/harness.ts'

const KIB = 1024
const MIB = 1024 * KIB
const at = (partition: number) => ({ topic: TOPIC, partition })
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

/** A batch that is small as it arrives, and `size` bytes once it is opened. */
function packed(partition: number, from: number, count: number, size: number, bytes = 1_000) {
  const records = recordsOf(partition, from, count)
  const value = Buffer.alloc(size / count)
  return batchOf(partition, from, count, {
    records: records.map((record) => ({ ...record, value })),
    bytes,
  })
}

test('each partition has a fair share of the memory, at least 64 KiB, at most its own limit', (t) => {
  const flow = createFlow(t, {
    options: { maxBytes: 20 * MIB, maxBytesPerPartition: 2 * MIB },
  })
  const { listener } = flow
  assert.equal(listener.room(at(0)), 0, 'not assigned')
  listener.assigned(assign([0]))
  assert.equal(listener.room(at(0)), 2 * MIB)
  listener.assigned(assign(range(1, 20)))
  assert.equal(listener.room(at(0)), MIB)
  listener.assigned(assign(range(20, 200)))
  assert.equal(listener.room(at(199)), Math.floor((20 * MIB) / 200))
  listener.assigned(assign(range(200, 1_000)))
  assert.equal(listener.room(at(999)), 64 * KIB)
  listener.lost(range(1, 1_000).map(at))
  assert.equal(listener.room(at(0)), 2 * MIB)
  assert.deepEqual(flow.engine.load(), {
    inFlight: 0,
    concurrency: 1_000,
    bufferedBytes: 0,
    maxBytes: 20 * MIB,
  })
})

test('room is the share minus queued and in-flight bytes; none while paused, held or closing', async (t) => {
  const handler = new Handler()
  const flow = createFlow(t, {
    options: { maxBytes: 300 * KIB, order: 'none' },
    handle: handler.handle,
  })
  const { listener } = flow
  listener.assigned(assign([0, 1]))
  const share = 150 * KIB
  const value = Buffer.alloc(50 * KIB)
  const records = range(0, 4).map((offset) => recordAt(0, offset, { value }))
  const size = sizeOfAll(records.slice(0, 1))
  listener.batch(batchOf(0, 0, 1, { records: records.slice(0, 1) }))
  assert.equal(listener.room(at(0)), share - size)
  await turns()
  assert.equal(flow.status(0).queueBytes, 0)
  assert.equal(listener.room(at(0)), share - size, 'in flight it is still here')
  listener.batch(batchOf(0, 1, 3, { records: records.slice(1) }))
  await turns()
  assert.deepEqual([listener.room(at(0)), flow.fetching], [0, ['pause 0']])
  assert.equal(flow.engine.load().bufferedBytes, 4 * size)
  await handler.answer('0@0')
  await handler.answer('0@1')
  assert.deepEqual(flow.fetching, ['pause 0'], 'two of them are more than half of the share')
  await handler.answer('0@2')
  assert.deepEqual(flow.fetching, ['pause 0', 'resume 0'])
  assert.equal(listener.room(at(0)), share - size)
  flow.engine.hold([at(0)])
  assert.equal(listener.room(at(0)), 0)
  flow.engine.hold([])
  void listener.revoking([at(0)])
  assert.equal(listener.room(at(0)), 0)
  assert.equal(listener.room(at(1)), share)
  await handler.answer('0@3')
  assert.equal(flow.engine.load().bufferedBytes, 0)
})

test('new partitions pause those that hold more than their new share; when they leave, these resume', async (t) => {
  const handler = new Handler()
  const flow = createFlow(t, { options: { maxBytes: 400 * KIB }, handle: handler.handle })
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOf(0, 0, 1, { bytes: 250 * KIB }))
  assert.deepEqual(flow.fetching, [])
  flow.listener.assigned(assign([1, 2, 3]))
  assert.deepEqual(flow.fetching, ['pause 0'])
  flow.listener.lost([at(1), at(2), at(3)])
  assert.deepEqual(flow.fetching, ['pause 0'], 'it resumes at half')
  await until(() => handler.inFlight.length === 1, 'the record')
  assert.deepEqual(flow.fetching, ['pause 0', 'resume 0'])
})

test('past the limit one partition at a time opens its batches, each gets its turn, and all are handled', async (t) => {
  const opened = new Set<number>()
  let max = 0
  const flow = createFlow(t, {
    options: { maxBytes: MIB, order: 'partition' },
    async handle({ partition }): Promise<Outcome> {
      opened.add(partition)
      max = Math.max(max, flow.engine.load().bufferedBytes)
      await turns(1)
      return OK
    },
  })
  const partitions = range(0, 40)
  const assignment = assign(partitions)
  flow.listener.assigned(assignment)
  for (const partition of partitions) {
    for (const from of [0, 4]) flow.listener.batch(packed(partition, from, 4, 400 * KIB))
  }
  await until(() => flow.meters.topic(TOPIC).handled === 40 * 8, 'all records')
  // Up to the limit of 1.5 MiB plus one batch; all together they would be 32 MiB.
  assert.ok(max < 2.5 * MIB, `${max / MIB} MiB`)
  assert.equal(opened.size, 40)
  assert.equal(flow.engine.load().bufferedBytes, 0)
  await flow.listener.revoking(assignment)
  for (const partition of partitions) assert.equal(assignment.committed(partition), 8)
})

test('a partition whose handler hangs while it holds the memory does not block the others for long', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const handler = new Handler()
  const flow = createFlow(t, {
    options: { maxBytes: 100 * KIB },
    handle: (record, signal) => (record.partition < 2 ? handler.handle(record, signal) : OK),
  })
  flow.listener.assigned(assign([0, 1, 2, 3]))
  for (const partition of range(0, 4)) flow.listener.batch(packed(partition, 0, 4, 400 * KIB))
  await turns()
  assert.deepEqual(handler.inFlight, ['0@0', '1@0'], 'the second one past the limit')
  assert.equal(flow.handed.length, 2)
  t.mock.timers.tick(1_000)
  await until(() => flow.handed.length === 2 + 4 + 4, 'the others, one after the other')
  flow.listener.batch(packed(3, 4, 4, 400 * KIB))
  await until(() => flow.handed.length === 2 + 4 + 4 + 4, 'what comes later')
})

test('a partition that is lost while others wait for its memory frees it for them', async (t) => {
  const handler = new Handler()
  const flow = createFlow(t, { options: { maxBytes: 100 * KIB }, handle: handler.handle })
  flow.listener.assigned(assign([0, 1, 2]))
  for (const partition of range(0, 3)) flow.listener.batch(packed(partition, 0, 4, 400 * KIB))
  await until(() => handler.inFlight.length === 2, 'as many as there is memory for')
  await turns()
  assert.deepEqual(handler.inFlight, ['0@0', '1@0'])
  flow.listener.lost([at(1)])
  await until(() => handler.inFlight.includes('2@0'), 'the next one')
})
