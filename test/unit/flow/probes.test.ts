import assert from 'node:assert/strict'
import test from 'node:test'
import { assign, batchOf, fails, turns } from './harness/harness.ts'
import { setUp } from './harness/judging.ts'

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
  const both = { ...fails('world', null, 'a'), failed: handlers, deadFor: 'a,b' }
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
  flow.engine.hold([{ handler: 'b' }])
  const before = flow.handed.length
  await tick(30)
  assert.equal(flow.handed.length, before)
  flow.engine.hold([])
  await turns()
  assert.equal(flow.handed.length, before + 1)
})
