import assert from 'node:assert/strict'
import test from 'node:test'
import { assign, batchOf, createFlow, Handler, TOPIC, turns, until } from '../harness/harness.ts'

const at = (partition: number) => ({ topic: TOPIC, partition })

test('one of three partitions is revoked: it is finished and committed, the others continue meanwhile', async (t) => {
  const handler = new Handler()
  const flow = createFlow(t, {
    options: { rebalanceDrain: 60_000 },
    handle: handler.handle,
    commit: { everyRecords: 1 },
  })
  const assignment = assign([0, 1, 2])
  flow.listener.assigned(assignment)
  for (const partition of [0, 1, 2]) flow.listener.batch(batchOf(partition, 0, 5))
  await until(() => handler.inFlight.length === 3, 'the first records')
  let over = false
  const revoked = flow.listener.revoking([at(1)]).then(() => {
    over = true
  })
  assert.deepEqual(flow.fetching, ['pause 1'])
  for (const name of ['0@0', '0@1', '2@0']) await handler.answer(name)
  assert.deepEqual([assignment.committed(0), assignment.committed(2)], [2, 1])
  flow.listener.batch(batchOf(0, 5, 2))
  flow.listener.batch(batchOf(1, 5, 2))
  assert.deepEqual([flow.status(0).position, flow.status(1).position], [7, 5])
  assert.ok(flow.listener.room(at(0)) > 0)
  assert.equal(flow.listener.room(at(1)), 0)
  assert.equal(over, false)
  await handler.answer('1@0')
  await revoked
  assert.equal(assignment.committed(1), 1)
  assert.deepEqual(
    flow.engine.partitions().map(({ partition }) => partition),
    [0, 2],
  )
  await handler.answer('0@2')
  await handler.answer('2@1')
  assert.deepEqual([assignment.committed(0), assignment.committed(2)], [3, 2])
  assert.ok(!flow.handed.includes('1@1'))
})

test('a partition that was full is not fetched again while its records in flight are finished', async (t) => {
  const handler = new Handler()
  const flow = createFlow(t, {
    options: { maxBytesPerPartition: 600, order: 'none', rebalanceDrain: 60_000 },
    handle: handler.handle,
  })
  const assignment = assign([0])
  flow.listener.assigned(assignment)
  flow.listener.batch(batchOf(0, 0, 4))
  await until(() => handler.inFlight.length === 4, 'all records')
  const revoked = flow.listener.revoking(assignment)
  for (const offset of [0, 1, 2, 3]) await handler.answer(`0@${offset}`)
  await revoked
  assert.deepEqual(flow.fetching, ['pause 0', 'pause 0'])
  assert.equal(assignment.committed(0), 4)
})

test('a partition that is lost is closed without a commit, and the others continue', async (t) => {
  const handler = new Handler()
  const flow = createFlow(t, { handle: handler.handle })
  const assignment = assign([0, 1])
  flow.listener.assigned(assignment)
  for (const partition of [0, 1]) flow.listener.batch(batchOf(partition, 0, 5))
  await handler.answer('1@0')
  await until(() => handler.inFlight.includes('1@1'), 'the next record')
  flow.listener.lost([at(1)])
  assert.equal(handler.signals.get('1@1')?.aborted, true)
  assert.equal(handler.signals.get('0@0')?.aborted, false)
  await handler.answer('1@1')
  await handler.answer('0@0')
  await flow.engine.drain(0)
  assert.deepEqual([assignment.committed(0), assignment.committed(1)], [1, undefined])
})

test('new partitions start at once, beside the existing ones', async (t) => {
  const handler = new Handler()
  const flow = createFlow(t, { handle: handler.handle })
  const [first, second] = [assign([0]), assign([1], 7)]
  flow.listener.assigned(first)
  flow.listener.batch(batchOf(0, 0, 2))
  await until(() => handler.inFlight.length === 1, 'the first record')
  flow.listener.assigned(second)
  flow.listener.batch(batchOf(1, 7, 2))
  await handler.answer('1@7')
  await handler.answer('0@0')
  assert.equal(handler.signals.get('0@0')?.aborted, false)
  await flow.engine.drain(0)
  assert.deepEqual([first.committed(0), second.committed(1)], [1, 8])
})

test('a partition that returns while its revocation is under way starts again', async (t) => {
  const handler = new Handler()
  const flow = createFlow(t, { options: { rebalanceDrain: 60_000 }, handle: handler.handle })
  const [first, second] = [assign([0]), assign([0])]
  flow.listener.assigned(first)
  flow.listener.batch(batchOf(0, 0, 2))
  await until(() => handler.inFlight.length === 1, 'the first record')
  const revoked = flow.listener.revoking(first)
  flow.listener.lost(first)
  flow.listener.assigned(second)
  await revoked
  assert.deepEqual(first.commits, [])
  flow.listener.batch(batchOf(0, 0, 2))
  await handler.answer('0@0')
  await handler.answer('0@0')
  await turns()
  const given = flow.listener.revoking(second)
  await handler.answer('0@1')
  await given
  assert.deepEqual(flow.handed.slice(0, 2), ['0@0', '0@0'])
  assert.ok((second.committed(0) ?? 0) >= 1)
})

test('a drain during a revocation, and a revocation during a drain: the shorter deadline applies to each partition', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const handler = new Handler()
  const flow = createFlow(t, { options: { rebalanceDrain: 5_000 }, handle: handler.handle })
  const assignment = assign([0, 1, 2])
  flow.listener.assigned(assignment)
  for (const partition of [0, 1, 2]) flow.listener.batch(batchOf(partition, 0, 2))
  await until(() => handler.inFlight.length === 3, 'the first records')
  const over: string[] = []
  const note = (what: string) => () => over.push(what)
  const revoked = flow.listener.revoking([at(0)]).then(note('revoked 0'))
  const drained = flow.engine.drain(20_000).then(note('drained'))
  t.mock.timers.tick(1_000)
  const later = flow.listener.revoking([at(1)]).then(note('revoked 1'))
  await turns()
  t.mock.timers.tick(4_000)
  await revoked
  t.mock.timers.tick(1_000)
  await later
  assert.deepEqual(over, ['revoked 0', 'revoked 1'])
  assert.deepEqual(
    ['0@0', '1@0', '2@0'].map((name) => handler.signals.get(name)?.aborted),
    [true, true, false],
  )
  await handler.answer('2@0')
  await drained
  assert.equal(assignment.committed(2), 1)
})

test('a fenced commit ends nothing: what remains is committed with the next interval', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const flow = createFlow(t, { commit: { interval: 1_000 } })
  const assignment = assign([0, 1])
  let fenced = true
  assignment.answer = () => {
    if (fenced)
      throw Object.assign(new Error('the group has moved on'), { code: 'OCC_COMMIT_FENCED' })
  }
  flow.listener.assigned(assignment)
  for (const partition of [0, 1]) flow.listener.batch(batchOf(partition, 0, 5))
  await until(() => flow.handed.length === 10, 'all records')
  t.mock.timers.tick(1_000)
  await turns()
  assert.equal(flow.status(0).committedOffset, 0)
  fenced = false
  flow.listener.lost([at(1)])
  t.mock.timers.tick(1_000)
  await turns()
  assert.equal(flow.status(0).committedOffset, 5)
  assert.deepEqual(
    assignment.commits.map((commit) => commit.map(({ partition }) => partition)),
    [[0, 1], [0]],
  )
})
