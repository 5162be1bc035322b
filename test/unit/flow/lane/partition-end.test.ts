import assert from 'node:assert/strict'
import test from 'node:test'
import { assign, batchOf, createFlow, recordAt, TOPIC, turns } from '../harness/harness.ts'

const PARTITION = { topic: TOPIC, partition: 0 }

test('reading ends at an open transaction: how many records wait, and since when', (t) => {
  let now = 1_000
  const flow = createFlow(t, { clock: { now: () => now, monotonic: () => now } })
  flow.listener.assigned(assign([0], 50))
  const blocked = () => flow.status(0).blockedByTransaction
  flow.listener.endOffset(PARTITION, 80, 50)
  assert.deepEqual(blocked(), { records: 30, since: 1_000 })
  assert.deepEqual([flow.status(0).caughtUp, flow.status(0).lag], [true, 30])
  assert.equal(flow.status(0).oldestUnprocessedTime, 1_000, 'retention continues for them')
  now = 5_000
  flow.listener.endOffset(PARTITION, 90, 50)
  flow.listener.endOffset(PARTITION, 91, null)
  assert.deepEqual(blocked(), { records: 41, since: 1_000 })
  // It ends, and another transaction behind it is open.
  flow.listener.endOffset(PARTITION, 91, 70)
  assert.deepEqual([blocked(), flow.status(0).caughtUp], [null, false])
  flow.listener.batch(batchOf(0, 50, 20, { endOffset: 91 }))
  assert.deepEqual(blocked(), { records: 21, since: 5_000 })
  flow.listener.endOffset(PARTITION, 91, 91)
  flow.listener.batch(batchOf(0, 70, 21))
  assert.deepEqual([blocked(), flow.status(0).stableOffset], [null, 91])
  // Nothing was open: a later end alone does not mean a transaction.
  flow.listener.batch(batchOf(0, 91, 4, { endOffset: 120 }))
  assert.deepEqual(
    [blocked(), flow.status(0).stableOffset, flow.status(0).caughtUp],
    [null, null, false],
  )
})

test('a problem the member reports for a partition stays until it reports otherwise', (t) => {
  const flow = createFlow(t)
  flow.listener.assigned(assign([0, 1]))
  const problem = { reason: 'no-leader', message: 'wait', since: 5, damage: null } as const
  flow.listener.problem(PARTITION, problem)
  assert.deepEqual([flow.status(0).problem, flow.status(0).pausedBy], [problem, 'fetch'])
  assert.deepEqual([flow.status(1).problem, flow.status(1).pausedBy], [null, null])
  flow.listener.problem(PARTITION, { ...problem, reason: 'corrupt' })
  assert.equal(flow.status(0).pausedBy, 'corrupt')
  flow.listener.problem(PARTITION, null)
  assert.deepEqual([flow.status(0).problem, flow.status(0).pausedBy], [null, null])
  flow.listener.fetchFailed(PARTITION, 'NOT_LEADER_OR_FOLLOWER')
  flow.listener.fetchFailed(PARTITION, 'NOT_LEADER_OR_FOLLOWER')
  flow.listener.throttled(1_500)
  assert.deepEqual([...flow.meters.topic(TOPIC).fetchErrors], [['NOT_LEADER_OR_FOLLOWER', 2]])
  assert.equal(flow.meters.process.throttledSeconds, 1.5)
})

test('an unopened batch is as old as its header says', async (t) => {
  const flow = createFlow(t)
  flow.listener.assigned(assign([0]))
  flow.engine.hold([PARTITION])
  const { timestamp } = recordAt(0, 0)
  flow.listener.batch(batchOf(0, 0, 2))
  await turns()
  assert.deepEqual(
    [flow.status(0).caughtUp, flow.status(0).oldestUnprocessedTime],
    [true, timestamp],
  )
})
