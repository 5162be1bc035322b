import assert from 'node:assert/strict'
import test from 'node:test'
import {
  assign,
  batchOf,
  createFlow,
  FakeMember,
  Handler,
  listen,
  TOPIC,
  turns,
  until,
} from '../harness/harness.ts'

test('a rebalance waits only for the record in flight, and commits it', async (t) => {
  const handler = new Handler()
  const flow = createFlow(t, { options: { rebalanceDrain: 60_000 }, handle: handler.handle })
  const assignment = assign([0, 1])
  flow.listener.assigned(assignment)
  flow.listener.batch(batchOf(0, 0, 5))
  flow.listener.batch(batchOf(1, 0, 5))
  await until(() => handler.inFlight.length === 2, 'both partitions')
  let over = false
  const revoked = flow.listener.revoking(assignment).then(() => {
    over = true
  })
  await handler.answer('0@0')
  assert.equal(over, false, 'the other partition is still busy')
  assert.deepEqual(assignment.commits, [])
  await handler.answer('1@0')
  await revoked
  assert.deepEqual([assignment.committed(0), assignment.committed(1)], [1, 1])
  await turns()
  assert.deepEqual(flow.handed, ['0@0', '1@0'])
})

test('a rebalance stops fetching at once, because anything fetched would be discarded', (t) => {
  const flow = createFlow(t)
  const assignment = assign([0, 1])
  flow.listener.assigned(assignment)
  void flow.listener.revoking(assignment)
  assert.deepEqual(flow.fetching, ['pause 0', 'pause 1'])
})

test('a rebalance with a hanging handler ends after rebalanceDrain; its result does not count', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const handler = new Handler()
  const flow = createFlow(t, { options: { rebalanceDrain: 1_000 }, handle: handler.handle })
  const first = assign([0, 1], 0)
  flow.listener.assigned(first)
  flow.listener.batch(batchOf(0, 0, 5))
  flow.listener.batch(batchOf(1, 0, 1))
  await handler.answer('1@0')
  let over = false
  const revoked = flow.listener.revoking(first).then(() => {
    over = true
  })
  t.mock.timers.tick(999)
  await turns()
  assert.deepEqual([over, handler.signals.get('0@0')?.aborted], [false, false])
  t.mock.timers.tick(1)
  await revoked
  assert.equal(handler.signals.get('0@0')?.aborted, true, 'the handler is told')
  assert.deepEqual([first.committed(0), first.committed(1)], [undefined, 1])

  const second = assign([0], 0)
  flow.listener.assigned(second)
  await handler.answer('0@0')
  assert.equal(flow.meters.topic(TOPIC).handled, 1, 'only the neighbour')
  await flow.listener.revoking(second)
  assert.deepEqual([first.committed(0), second.committed(0)], [undefined, undefined])
})

test('records in flight when the membership is lost no longer count, and are not committed', async (t) => {
  const handler = new Handler()
  const flow = createFlow(t, { handle: handler.handle, commit: { everyRecords: 1 } })
  const first = assign([0], 0)
  flow.listener.assigned(first)
  flow.listener.batch(batchOf(0, 0, 5))
  await until(() => handler.inFlight.length === 1, 'the first record')
  flow.listener.lost(first)
  assert.equal(handler.signals.get('0@0')?.aborted, true)
  const second = assign([0], 0)
  flow.listener.assigned(second)
  await handler.answer('0@0')
  assert.deepEqual([first.commits, second.commits], [[], []])
  flow.listener.batch(batchOf(0, 0, 5))
  await handler.answer('0@0')
  assert.equal(second.committed(0), 1)
  assert.deepEqual(flow.handed, ['0@0', '0@0', '0@1'])
})

test('reports about partitions that are gone do not affect later assignments', async (t) => {
  const flow = createFlow(t)
  const first = assign([0], 0)
  const second = assign([0], 0)
  flow.listener.assigned(first)
  flow.listener.lost(first)
  flow.listener.lost(first)
  await flow.listener.revoking(first)
  flow.listener.assigned(second)
  flow.listener.batch(batchOf(0, 0, 3))
  await until(() => flow.handed.length === 3, 'all records')
  await flow.listener.revoking(second)
  assert.deepEqual([first.commits, second.committed(0)], [[], 3])
})

test('an assignment that was never ended is fenced by the next', async (t) => {
  const handler = new Handler()
  const flow = createFlow(t, { handle: handler.handle, commit: { everyRecords: 1 } })
  const first = assign([0], 0)
  flow.listener.assigned(first)
  flow.listener.batch(batchOf(0, 0, 2))
  await until(() => handler.inFlight.length === 1, 'the first record')
  flow.listener.assigned(assign([0], 0))
  await handler.answer('0@0')
  assert.deepEqual(first.commits, [])
})

test('a drain finishes and commits the records in flight of all members', async (t) => {
  const handler = new Handler()
  const flow = createFlow(t, { handle: handler.handle })
  const other = listen(flow.engine, 'consumer-1', new FakeMember())
  const [mine, theirs] = [assign([0]), assign([1])]
  flow.listener.assigned(mine)
  other.assigned(theirs)
  flow.listener.batch(batchOf(0, 0, 9))
  other.batch(batchOf(1, 0, 9))
  await until(() => handler.inFlight.length === 2, 'both members')
  const drained = flow.engine.drain(60_000)
  await handler.answer('0@0')
  await handler.answer('1@0')
  await drained
  assert.deepEqual([mine.committed(0), theirs.committed(1)], [1, 1])
  assert.equal(flow.handed.length, 2)
})

test('batches that arrive during a drain are rejected, and nothing beyond them is committed', async (t) => {
  const handler = new Handler()
  const flow = createFlow(t, { handle: handler.handle })
  const assignment = assign([0, 1])
  flow.listener.assigned(assignment)
  flow.listener.batch(batchOf(0, 0, 1))
  await until(() => handler.inFlight.length === 1, 'the record')
  const drained = flow.engine.drain(60_000)
  for (const partition of [0, 1]) {
    flow.listener.batch(batchOf(partition, 1, 5))
    // A transaction marker after them.
    flow.listener.moved({ topic: TOPIC, partition }, 7)
  }
  await handler.answer('0@0')
  await drained
  assert.deepEqual([assignment.committed(0), assignment.committed(1)], [1, undefined])
  assert.deepEqual(flow.handed, ['0@0'])
})

test('partitions assigned during a drain are not started', async (t) => {
  const flow = createFlow(t)
  await flow.engine.drain(60_000)
  const assignment = assign([0])
  flow.listener.assigned(assignment)
  flow.listener.batch(batchOf(0, 0, 5))
  await turns()
  assert.deepEqual([flow.handed, assignment.commits], [[], []])
})

test('a rebalance during a long drain waits only for rebalanceDrain', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const handler = new Handler()
  const flow = createFlow(t, { options: { rebalanceDrain: 1_000 }, handle: handler.handle })
  const assignment = assign([0])
  flow.listener.assigned(assignment)
  flow.listener.batch(batchOf(0, 0, 1))
  await until(() => handler.inFlight.length === 1, 'the record')
  const drained = flow.engine.drain(60_000)
  const revoked = flow.listener.revoking(assignment)
  t.mock.timers.tick(1_000)
  await Promise.all([drained, revoked])
})

test('a drain does not wait for work of a lost membership', async (t) => {
  const handler = new Handler()
  const flow = createFlow(t, { handle: handler.handle })
  const assignment = assign([0])
  flow.listener.assigned(assignment)
  flow.listener.batch(batchOf(0, 0, 1))
  await until(() => handler.inFlight.length === 1, 'the record')
  const drained = flow.engine.drain(60_000)
  flow.listener.lost(assignment)
  await drained
  assert.deepEqual(assignment.commits, [])
})

test('a last commit that the broker does not answer does not block a rebalance forever', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const flow = createFlow(t)
  const assignment = assign([0])
  assignment.answer = () => new Promise(() => {})
  flow.listener.assigned(assignment)
  flow.listener.batch(batchOf(0, 0, 1))
  await until(() => flow.meters.topic(TOPIC).handled === 1, 'the record')
  const revoked = flow.listener.revoking(assignment)
  await turns()
  t.mock.timers.tick(3_000)
  await revoked
})

test('closing ends everything: nothing is handled or committed afterwards', async (t) => {
  const handler = new Handler()
  const flow = createFlow(t, { handle: handler.handle, commit: { everyRecords: 1 } })
  const assignment = assign([0])
  flow.listener.assigned(assignment)
  flow.listener.batch(batchOf(0, 0, 5))
  await until(() => handler.inFlight.length === 1, 'the first record')
  flow.engine.close()
  await handler.answer('0@0')
  flow.listener.batch(batchOf(0, 5, 5))
  await turns()
  assert.deepEqual([flow.handed, assignment.commits], [['0@0'], []])
  assert.deepEqual(flow.engine.partitions(), [])
})
