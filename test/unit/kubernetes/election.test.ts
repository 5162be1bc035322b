import assert from 'node:assert/strict'
import test from 'node:test'
import { createElection } from '../../../src/kubernetes/election.ts'
import { createCapturedLog } from '../../support/captured-log.ts'
import { type FakeStore, fakeStore, handClock } from './fakes.ts'

const DURATION = 15_000

/** A candidate with a clock of its own: those of different machines do not agree. */
function candidate(identity: string, store: FakeStore) {
  const clock = handClock()
  const log = createCapturedLog()
  const errors: string[] = []
  const countError = (code: string) => errors.push(code)
  const election = createElection(
    { identity, duration: DURATION },
    { store, clock, log, countError, random: () => 1 },
  )
  return { ...election, clock, log, errors }
}

const unreachable = new Error('connect ECONNREFUSED')

test('the first candidate to look leads, and writes its identity and duration', async () => {
  const store = fakeStore()
  const a = candidate('a', store)
  assert.equal(await a.turn(), 5_000, 'renews at a third of the duration')
  assert.ok(a.isLeader())
  assert.equal(store.lease?.holder, 'a')
  assert.equal(store.lease?.durationSeconds, 15)
  assert.equal(store.lease?.renewTime, a.clock.now())
})

test('a leader that renews is not replaced, however wrong its clock is', async () => {
  const store = fakeStore()
  const a = candidate('a', store)
  const b = candidate('b', store)
  b.clock.time += 3_600_000
  await a.turn()
  for (let round = 0; round < 20; round++) {
    assert.equal(await b.turn(), 2_000, 'others look every 2 s')
    b.clock.time += 5_000
    a.clock.time += 5_000
    await a.turn()
    assert.ok(a.isLeader() && !b.isLeader())
  }
})

test('a silent leader is replaced after the duration since its last observed change', async () => {
  const store = fakeStore()
  const a = candidate('a', store)
  const b = candidate('b', store)
  await a.turn()
  await b.turn()
  b.clock.time += DURATION - 1
  await b.turn()
  assert.ok(!b.isLeader(), 'not one millisecond early')
  b.clock.time += 1
  await b.turn()
  assert.ok(b.isLeader())
  assert.equal(store.lease?.transitions, 1)
})

test('a leader that cannot reach the API server stops leading before another one can begin', async () => {
  const store = fakeStore()
  const a = candidate('a', store)
  await a.turn()
  store.error = unreachable
  a.clock.time += 9_999
  await a.turn()
  assert.ok(a.isLeader(), 'a hiccup takes nothing away')
  a.clock.time += 1
  assert.ok(!a.isLeader(), 'by itself, without a turn: the loop may hang')
  await a.turn()
  assert.deepEqual(a.errors, ['Error', 'Error'])
  assert.equal(a.log.lines.filter(({ level }) => level === 'error').length, 1, 'said once')

  store.error = null
  await a.turn()
  assert.ok(a.isLeader(), 'and leads again, as nobody took over')
  assert.equal(a.log.lines.at(-1)?.text, 'Leader election: works again')
})

test('a renewal counts from when it was sent, without the time of the answer', async () => {
  const store = fakeStore()
  const { write } = store
  const a = candidate('a', {
    ...store,
    async write(lease, previous) {
      a.clock.time += 9_000
      return write.call(store, lease, previous)
    },
  })
  await a.turn()
  assert.ok(a.isLeader())
  a.clock.time += 1_000
  assert.ok(!a.isLeader())
})

test('a released Lease is taken at the next look', async () => {
  const store = fakeStore()
  const a = candidate('a', store)
  const b = candidate('b', store)
  await a.turn()
  await b.turn()
  await a.release()
  assert.ok(!a.isLeader())
  await a.turn()
  assert.equal(store.lease?.holder, '', 'who has left does not come back')
  await b.turn()
  assert.ok(b.isLeader())
})

test('releasing does not take the Lease from another candidate', async () => {
  const store = fakeStore()
  const a = candidate('a', store)
  const b = candidate('b', store)
  await a.turn()
  await b.turn()
  b.clock.time += DURATION
  await b.turn()
  a.clock.time += DURATION
  await a.turn()
  await a.release()
  assert.equal(store.lease?.holder, 'b')
})

test('of two candidates for the same free Lease one gets it, and the other sees that at once', async () => {
  const store = fakeStore()
  const a = candidate('a', store)
  const b = candidate('b', store)
  await Promise.all([a.turn(), b.turn()])
  assert.deepEqual([a.isLeader(), b.isLeader()].sort(), [false, true])
  assert.deepEqual([...a.errors, ...b.errors], [], 'this is not an error')
})

test('a restarted container, whose pod keeps its name, continues to lead', async () => {
  const store = fakeStore()
  await candidate('a', store).turn()
  const again = candidate('a', store)
  await again.turn()
  assert.ok(again.isLeader())
  assert.equal(store.lease?.transitions, 0)
})

test('a Lease deleted under a leader is left to that leader', async () => {
  const store = fakeStore()
  const a = candidate('a', store)
  const b = candidate('b', store)
  await a.turn()
  await b.turn()
  store.lease = null
  await b.turn()
  assert.ok(!b.isLeader())
  await a.turn()
  await a.turn()
  assert.ok(a.isLeader())
  assert.equal(store.lease?.['holder'], 'a')
})

test('a leader requests nothing but its renewals', async () => {
  const store = fakeStore()
  const a = candidate('a', store)
  for (let round = 0; round < 10; round++) {
    await a.turn()
    a.clock.time += 5_000
  }
  assert.equal(store.reads, 1)
})
