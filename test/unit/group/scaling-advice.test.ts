import assert from 'node:assert/strict'
import test from 'node:test'
import {
  adviceOf,
  advise,
  noAdvice,
  type ScalingObservation,
} from '../../../src/group/scaling-advice.ts'

const STEP = 10_000
const AFTER = 60_000

interface Changes {
  readonly group?: Partial<ScalingObservation['group']>
  readonly own?: Partial<ScalingObservation['own']>
}

const BUSY: ScalingObservation['own'] = {
  members: 1,
  partitions: 1,
  lag: 5_000,
  pausedPartitions: 0,
  pauses: 0,
  behindRetries: 0,
  busyRatio: 0.9,
  isHeld: false,
}
/** Twelve partitions with a member each, and more is produced than consumed. */
const BEHIND: ScalingObservation['group'] = {
  lag: 50_000,
  partitions: 12,
  consumeRate: 1_000,
  produceRate: 2_000,
  members: 12,
  idleMembers: 0,
}

/** What is advised after each of these, `STEP` ms apart. */
function adviceAfter(observations: readonly Changes[]): string[][] {
  let state = noAdvice
  return observations.map(({ group, own }, index) => {
    const observation = {
      at: index * STEP,
      group: { ...BEHIND, ...group },
      own: { ...BUSY, ...own },
    }
    state = advise(state, observation, { after: AFTER })
    return adviceOf(state).map(({ kind }) => kind)
  })
}

const times = (count: number, changes: Changes = {}) => Array.from({ length: count }, () => changes)
const last = (observations: readonly Changes[]) => adviceAfter(observations).at(-1)

test('at the partition limit and falling behind: advises more partitions, if it lasts', () => {
  const all = adviceAfter(times(7))
  assert.deepEqual(all, [[], [], [], [], [], [], ['add-partitions']])
})

test('below the limit, catching up, or with a lag in transit: no advice', () => {
  assert.deepEqual(last(times(9, { group: { members: 11 } })), [])
  assert.deepEqual(last(times(9, { group: { consumeRate: 2_100 } })), [])
  assert.deepEqual(last(times(9, { group: { lag: 15_000 } })), [])
  assert.deepEqual(last(times(9, { group: { consumeRate: 0 } })), [])
  assert.deepEqual(last(times(9, { group: { consumeRate: null, produceRate: null } })), [])
})

test('without authorization to see the members, those of this process represent all', () => {
  const group = { members: null, idleMembers: null }
  assert.deepEqual(last(times(9, { group })), ['add-partitions'])
  assert.deepEqual(last(times(9, { group, own: { partitions: 2 } })), [])
  assert.deepEqual(last(times(9, { group, own: { members: 0, partitions: 0 } })), [])
})

test('members without a partition: advises fewer replicas, from the group or this pod alone', () => {
  const idle = { group: { members: 14, idleMembers: 2, lag: 0 } }
  assert.deepEqual(last(times(7, idle)), ['remove-replicas'])
  assert.deepEqual(last(times(6, idle)), [])
  const unseen = { members: null, idleMembers: null, lag: 0 }
  assert.deepEqual(last(times(7, { group: unseen, own: { partitions: 0, lag: 0 } })), [
    'remove-replicas',
  ])
  // A pod that is still joining has none either.
  const joining = { members: 0, partitions: 0, lag: 0 }
  assert.deepEqual(last(times(7, { group: unseen, own: joining })), [])
})

test('records wait and the processor is idle: advises more concurrency', () => {
  const caughtUp = { consumeRate: 2_000 }
  const waiting = { busyRatio: 0.1, pausedPartitions: 1 }
  assert.deepEqual(last(times(7, { group: caughtUp, own: waiting })), ['raise-concurrency'])
  assert.deepEqual(last(times(7, { group: caughtUp, own: { ...waiting, busyRatio: 0.6 } })), [])
  const flowing = { ...waiting, pausedPartitions: 0 }
  assert.deepEqual(last(times(7, { group: caughtUp, own: flowing })), [])
  assert.deepEqual(last(times(7, { group: caughtUp, own: { ...waiting, lag: 1_600 } })), [])
})

test('a queue that fills repeatedly, or a growing lag, means waiting records too', () => {
  const growing = (key: 'pauses' | 'lag', group: Changes['group']) =>
    Array.from({ length: 9 }, (_, index) => ({
      group: { ...group, members: 3 },
      own: { busyRatio: 0.1, [key]: 5_000 * (index + 1) },
    }))
  assert.deepEqual(last(growing('pauses', { consumeRate: 2_000 })), ['raise-concurrency'])
  assert.deepEqual(last(growing('lag', {})), ['raise-concurrency'])
  assert.deepEqual(last(growing('lag', { consumeRate: 2_000 })), [])
})

test('records wait behind retries: advises another order, with the share of the time', () => {
  const group = { consumeRate: 2_000 }
  const waiting = (behindRetries: number) => ({
    group,
    own: { behindRetries, busyRatio: 0.1, pausedPartitions: 1 },
  })
  assert.deepEqual(last(times(7, waiting(0.09))), ['raise-concurrency'])
  assert.deepEqual(last(times(7, waiting(0.2))), ['raise-concurrency', 'relax-order'])
  assert.deepEqual(last(times(7, waiting(0.5))), ['relax-order'], 'the retries are the bottleneck')
  const idle = { group, own: { behindRetries: 0.5, lag: 0 } }
  assert.deepEqual(last(times(7, idle)), [], 'nothing waits any more')
  const observation = {
    at: 0,
    group: { ...BEHIND, ...group },
    own: { ...BUSY, behindRetries: 0.41 },
  }
  const [advice] = adviceOf(advise(noAdvice, observation, { after: 0 }))
  assert.match(
    advice?.text ?? '',
    /wait behind retries: in 41 % of the last minute.*Order key or none/,
  )
})

test('one contrary sample restarts the time and does not withdraw advice at once', () => {
  const fine = { group: { members: 11 } }
  assert.deepEqual(last([...times(6), fine, ...times(6)]), [])
  assert.deepEqual(last([...times(7), fine]), ['add-partitions'])
  assert.deepEqual(last([...times(7), ...times(6, fine)]), ['add-partitions'])
  assert.deepEqual(last([...times(7), ...times(7, fine)]), [])
})

test('the text has the figures and the remedy', () => {
  const state = advise(
    noAdvice,
    { at: 0, group: { ...BEHIND, members: 14, idleMembers: 2 }, own: BUSY },
    { after: 0 },
  )
  const texts = adviceOf(state).map(({ text }) => text)
  assert.match(texts.join('\n'), /50,000 records, 2,000 produced and 1,000 consumed a second/)
  assert.match(texts.join('\n'), /add partitions to the topic/)
  assert.match(texts.join('\n'), /2 of 14 members.*have no partition: there are only 12/)
})

test('while circuits are open or an operator has paused, no more pods, partitions or concurrency', () => {
  assert.deepEqual(last([...times(7), { own: { isHeld: true } }]), [])
  const idle = { own: { busyRatio: 0.1, pausedPartitions: 1 }, group: { members: 11 } }
  assert.deepEqual(last(times(9, idle)), ['raise-concurrency'])
  assert.deepEqual(last([...times(9, idle), { ...idle, own: { ...idle.own, isHeld: true } }]), [])
  const spare = { group: { members: 14, idleMembers: 2 }, own: { isHeld: true } }
  assert.deepEqual(last(times(9, spare)), ['remove-replicas'], 'fewer pods still help')
})
