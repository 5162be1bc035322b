import assert from 'node:assert/strict'
import test from 'node:test'
import { OccError } from '../../../../src/kernel/errors.ts'
import { silentLog } from '../../../../src/kernel/log.ts'
import type { PausedReplicas } from '../../../../src/kubernetes/scaling/paused-replicas.ts'
import { createScalingHold } from '../../../../src/kubernetes/scaling/scaling-hold.ts'
import { fakeRecorder, handClock } from '../fakes.ts'

const OPEN = 'the circuit of handler whale is open'
const reference = { apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', name: 'c', uid: 'u' }

/** A ScaledObject of a Deployment of four pods, and leaders of it that come one after another. */
function holding() {
  const object = {
    paused: null as string | null,
    held: null as string | null,
    pods: 4,
    reads: 0,
    error: null as Error | null,
    /** How many changes meet one of somebody else's. */
    conflicts: 0,
  }
  const target: PausedReplicas = {
    async read() {
      object.reads += 1
      return {
        isPaused: object.paused !== null,
        isOurs: object.held !== null && object.held === object.paused,
        workload: { kind: 'Deployment', name: 'c' },
        reference,
        resourceVersion: '1',
      }
    },
    pods: async () => object.pods,
    async set(pods) {
      if (object.error !== null) throw object.error
      if (object.conflicts-- > 0) throw new OccError('OCC_KUBERNETES_CONFLICT', 'changed')
      object.paused = pods === null ? null : String(pods)
      object.held = object.paused
    },
  }
  const clock = handClock()
  const recorder = fakeRecorder()
  const state = { why: null as string | null }
  const leader = () =>
    createScalingHold(30_000, { target, recorder, hold: () => state.why, clock, log: silentLog })
  return { object, clock, recorder, state, leader }
}

test('KEDA is paused at the current pods while more would not help, and scales again afterwards', async () => {
  const { object, clock, recorder, state, leader } = holding()
  const { look } = leader()
  await look()
  assert.equal(object.paused, null)
  state.why = OPEN
  await look()
  assert.equal(object.paused, '4')
  state.why = null
  clock.time += 5_000
  await look()
  assert.equal(object.paused, '4', 'a circuit that opens again at once leaves KEDA alone')
  clock.time += 30_000
  await look()
  assert.equal(object.paused, null)
  assert.deepEqual(recorder.said, [
    `ScalingHeld: KEDA is paused at 4 pods, because more would not help: ${OPEN}`,
    'ScalingReleased: KEDA scales again: nothing holds the records up any more',
  ])
})

test('without changes the object is read once per interval', async () => {
  const { object, clock, state, leader } = holding()
  const { look } = leader()
  state.why = OPEN
  for (let round = 0; round < 12; round++) {
    await look()
    clock.time += 5_000
  }
  assert.equal(object.reads, 2)
})

test('the hold of a dead leader is removed by the next one, or kept while there is a reason', async () => {
  const { object, clock, state, leader } = holding()
  state.why = OPEN
  await leader().look()
  clock.time += 60_000
  await leader().look()
  assert.equal(object.paused, '4')
  state.why = null
  await leader().look()
  assert.equal(object.paused, null)
})

test('a leader that stops removes its hold', async () => {
  const { object, state, leader } = holding()
  const { look, release } = leader()
  await release()
  assert.equal(object.reads, 0)
  state.why = OPEN
  await look()
  await release()
  assert.equal(object.paused, null)
})

test('KEDA writes the object while a leader stops: its hold is removed all the same', async () => {
  const { object, state, leader } = holding()
  const { look, release } = leader()
  state.why = OPEN
  await look()
  object.conflicts = 2
  await release()
  assert.equal(object.paused, null)
})

test('a leader that stops after a change in doubt removes its hold', async () => {
  const { object, state, leader, clock } = holding()
  const { look, release } = leader()
  state.why = OPEN
  await look()
  state.why = null
  clock.time += 60_000
  object.conflicts = 1
  await look()
  await release()
  assert.equal(object.paused, null)
})

test('a manual pause is neither changed nor removed', async () => {
  const { object, clock, recorder, state, leader } = holding()
  object.paused = '0'
  const { look, release } = leader()
  state.why = OPEN
  await look()
  state.why = null
  clock.time += 60_000
  await look()
  await release()
  assert.deepEqual([object.paused, recorder.said], ['0', []])
})

test('a pause that somebody changed manually is theirs', async () => {
  const { object, clock, state, leader } = holding()
  const { look } = leader()
  state.why = OPEN
  await look()
  object.paused = '6'
  state.why = null
  clock.time += 60_000
  await look()
  assert.equal(object.paused, '6')
})

test('refused changes and conflicts are retried at the next look', async () => {
  const { object, state, leader } = holding()
  const { look } = leader()
  state.why = OPEN
  object.error = new OccError('OCC_KUBERNETES_FORBIDDEN', 'no')
  await assert.rejects(look(), { code: 'OCC_KUBERNETES_FORBIDDEN' })
  object.error = new OccError('OCC_KUBERNETES_CONFLICT', 'changed')
  await look()
  assert.equal(object.paused, null)
  object.error = null
  await look()
  assert.equal(object.paused, '4')
})
