import assert from 'node:assert/strict'
import test from 'node:test'
import { skip } from '../../../../src/kernel/shapes/outcome.ts'
import { again, assign, batchOf, createFlow, TOPIC, turns, until } from '../harness/harness.ts'
import { outage } from '../harness/outage.ts'

test('without a success in between, a failed record is set aside: neither dead nor blocking', async (t) => {
  const { flow, state, tick } = outage(t, {})
  state.away = false
  state.poison.add('0@0')
  const assignment = assign([0])
  flow.listener.assigned(assignment)
  flow.listener.batch(batchOf(0, 0, 1))
  await tick(100)
  await tick(100)
  assert.deepEqual([flow.status(0).suspects, flow.dead()], [1, []])
  flow.listener.batch(batchOf(0, 1, 2))
  await until(() => flow.letters.length + state.succeeded.length === 3, 'the evidence')
  assert.deepEqual(state.succeeded, ['0@1', '0@2'])
  assert.deepEqual(flow.dead(), ['0@0'])
  await flow.listener.revoking(assignment)
  assert.equal(assignment.committed(0), 3)
})

test('a short outage on a quiet topic kills nothing: suspects are retried before later records', async (t) => {
  const { flow, state, tick } = outage(t, {})
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOf(0, 0, 2))
  for (let step = 0; step < 5; step++) await tick(100)
  assert.equal(flow.status(0).suspects, 2)
  state.away = false
  flow.listener.batch(batchOf(0, 2, 1))
  await until(() => state.succeeded.length === 3, 'all of them')
  assert.deepEqual(state.succeeded, ['0@0', '0@1', '0@2'])
  assert.deepEqual(flow.dead(), [])
})

test('suspects on a topic that turns silent are retried by themselves', async (t) => {
  const { flow, state, tick } = outage(t, {})
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOf(0, 0, 2))
  for (let step = 0; step < 10; step++) await tick(100)
  const tries = flow.handed.length
  await tick(60_000)
  assert.ok(flow.handed.length > tries, 'it is tried again')
  state.away = false
  await tick(4_000)
  await until(() => state.succeeded.length === 2, 'both')
  assert.deepEqual(state.succeeded, ['0@0', '0@1'])
})

test('a rebalance forgets suspects: their next owner starts again', async (t) => {
  const { flow, state, tick } = outage(t, {})
  const first = assign([0], 0)
  flow.listener.assigned(first)
  flow.listener.batch(batchOf(0, 0, 2))
  for (let step = 0; step < 5; step++) await tick(100)
  assert.equal(flow.status(0).suspects, 2)
  await flow.listener.revoking(first)
  assert.equal(first.committed(0), undefined)
  state.away = false
  flow.listener.assigned(assign([0], 0))
  flow.listener.batch(batchOf(0, 0, 3))
  await until(() => state.succeeded.length === 3, 'all')
  await tick(60_000)
  assert.deepEqual([state.succeeded, flow.dead()], [['0@0', '0@1', '0@2'], []])
})

test('a suspect that alone blocks its partition is given up when patience ends', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  let now = 0
  const flow = createFlow(t, {
    options: { maxInFlight: 16, retry: { attempts: 1, backoff: 1, maxBackoff: 1 } },
    handle: ({ offset }) => (offset === 0 ? again() : skip('filtered')),
    clock: { now: () => now, monotonic: () => now },
  })
  flow.listener.assigned(assign([0]))
  flow.listener.batch(batchOf(0, 0, 100))
  await until(() => flow.status(0).pausedBy === 'window', 'the partition to be full')
  for (let step = 0; step < 10; step++) {
    now += 5_000
    t.mock.timers.tick(5_000)
    await turns()
  }
  assert.deepEqual(flow.dead(), [])
  for (let step = 0; step < 4; step++) {
    now += 5_000
    t.mock.timers.tick(5_000)
    await turns()
  }
  assert.deepEqual(flow.dead(), ['0@0'])
  await until(() => flow.meters.topic(TOPIC).skipped === 99, 'the others')
})
