import assert from 'node:assert/strict'
import test from 'node:test'
import { partitionLags } from '../../../../src/group/partition-lag.ts'
import { createMeters } from '../../../../src/observe/meters/meters.ts'
import { createOverview } from '../../../../src/observe/overview/overview.ts'
import type { ServiceStatus } from '../../../../src/observe/types.ts'
import {
  circuitStatus,
  partitionStatus,
  scalingReportOf,
  serviceStatus,
} from '../../../support/status.ts'

const START = Date.UTC(2026, 10, 28, 14, 0)

/** A service whose time and state the test sets. */
function serve(first: Partial<ServiceStatus> = {}) {
  const meters = createMeters()
  const state = { seconds: 0, status: serviceStatus(first) }
  const now = () => START + state.seconds * 1_000
  const keeper = createOverview({
    ...{ version: '1.2.3', group: 'transfers', meters, partitionLags, lagInterval: 10_000 },
    status: { status: () => state.status },
    scaling: { report: () => scalingReportOf({ partitions: 3, lag: 0 }) },
    certificates: { certificates: () => [] },
    progress: () => [
      {
        progress: {
          ...{ at: 0, partitions: 3, lag: 0, consumeRate: null, produceRate: null },
          ...{ members: 1, idleMembers: 0, retentionByTopic: {} },
          partitionsByTopic: { t: 3 },
        },
      },
    ],
    readiness: () => ({ ready: true }),
    clock: { now, monotonic: () => state.seconds * 1_000 },
  })
  return {
    meters,
    keeper,
    /** Time goes on, with a sample each five seconds. */
    pass(seconds: number, partition: (second: number) => Parameters<typeof partitionStatus>[0]) {
      for (let left = seconds; left > 0; left -= 5) {
        state.seconds += 5
        state.status = serviceStatus({
          circuits: [],
          partitions: [
            partitionStatus({ topic: 't', endKnownAt: now(), ...partition(state.seconds) }),
          ],
        })
        keeper.sample()
      }
      return keeper.overview()
    },
    now,
  }
}

/** A record a second is produced from the start on, at the offset of its second. */
const stream = (seconds: number, committed: number) => ({
  endOffset: seconds,
  committedOffset: committed,
  lag: seconds - committed,
  oldestUnprocessedTime: committed >= seconds ? null : START + committed * 1_000,
  caughtUp: committed >= seconds,
})

const words = ({ partitions }: ReturnType<ReturnType<typeof serve>['pass']>) =>
  partitions.map(({ partition, word }) => `${partition} ${word}`).join()

test('of a partition that is held nobody says when it is done', () => {
  const pod = serve()
  const draining = (second: number) => ({
    ...stream(100 + second, second * 2),
    oldestUnprocessedTime: START - 60_000,
  })
  const behind = pod.pass(30, draining)
  assert.equal(words(behind), '0 behind,1 not mine,2 not mine')
  assert.notEqual(behind.numbers.secondsToDrain, null)
  const held = pod.pass(5, (second) => ({ ...draining(second), pausedBy: 'operator' }))
  assert.equal(words(held), '0 held,1 not mine,2 not mine')
  assert.deepEqual([held.numbers.slowest, held.numbers.secondsToDrain], ['t/0', null])
})

test('the slowest partition is one that does not keep up, however the rates of the others are', () => {
  const ok = serve().pass(60, (second) => stream(second, Math.floor(second * 0.97)))
  assert.equal(words(ok), '0 ok,1 not mine,2 not mine')
  assert.deepEqual([ok.numbers.slowest, ok.numbers.secondsToDrain], [null, null])
  const growing = serve().pass(60, (second) => stream(second, Math.floor(second / 2)))
  assert.deepEqual([growing.numbers.slowest, growing.numbers.secondsToDrain], ['t/0', null])
})

test('a partition is ok, growing, behind or stalled by what it committed in the last minute', () => {
  const ok = serve().pass(60, (second) => stream(second, second - 2))
  assert.equal(words(ok), '0 ok,1 not mine,2 not mine')
  const slow = serve().pass(60, (second) => stream(second, second / 2))
  assert.equal(words(slow), '0 growing,1 not mine,2 not mine')
  assert.match(
    slow.sentence.text,
    /^Falling behind: 0\.5\/s more than handled at t\/0, 30\.0 s behind/,
  )
  const fast = serve().pass(60, (second) => ({
    ...stream(100 + second, second * 1.5),
    oldestUnprocessedTime: START - 60_000,
  }))
  assert.equal(words(fast), '0 behind,1 not mine,2 not mine')
  assert.match(fast.sentence.text, /^Catching up: .* done in about /)
  const stuck = serve().pass(120, (second) => stream(second, 7))
  assert.equal(words(stuck), '0 stalled,1 not mine,2 not mine')
})

test('what is handled and only waits for its commit is ok, however long that takes', () => {
  const handled = (second: number, committed: number) => ({
    ...stream(second, committed),
    oldestUnprocessedTime: null,
    caughtUp: true,
  })
  for (const { sentence, partitions } of [
    serve().pass(60, (second) => handled(second, Math.max(0, second - 3))),
    serve().pass(120, (second) => handled(second, 7)),
    serve().pass(60, () => handled(20, 19)),
  ]) {
    assert.deepEqual([partitions[0]?.word, partitions[0]?.facts?.lagSeconds], ['ok', 0])
    assert.match(sentence.text, /^Keeping up: nothing waits/)
  }
})

test('a record dated hours ahead does not tell how old it is: what is committed does', () => {
  const ahead = { oldestUnprocessedTime: START + 4 * 3_600_000 }
  const stuck = serve().pass(120, (second) => ({ ...stream(second, 7), ...ahead }))
  assert.equal(words(stuck), '0 stalled,1 not mine,2 not mine')
  assert.deepEqual([stuck.partitions[0]?.facts?.lagSeconds, stuck.numbers.lagSeconds], [null, null])
  assert.match(stuck.sentence.text, /^Stalled: nothing of t\/0 was committed/)
  const flowing = serve().pass(60, (second) => ({ ...stream(second, second - 2), ...ahead }))
  assert.equal(words(flowing), '0 ok,1 not mine,2 not mine')
})

const silentFrom = (from: number, committed: (second: number) => number) => (second: number) => ({
  ...stream(Math.min(second, from), committed(Math.min(second, from))),
  endKnownAt: START + Math.min(second, from) * 1_000,
})

test('while no broker says what is produced, nothing is told of that but how long ago it was known', () => {
  const pod = serve()
  const keptUp = silentFrom(60, (second) => second)
  const before = pod.pass(90, keptUp)
  assert.equal(words(before), '0 ok,1 not mine,2 not mine')
  assert.deepEqual([before.numbers.lagSeconds, before.numbers.unknownPartitions], [0, 0])
  const silent = pod.pass(95, keptUp)
  assert.equal(words(silent), '0 unknown,1 not mine,2 not mine')
  assert.equal(
    silent.sentence.text,
    'Not known: how far behind t/0 is; no broker has said for 2m 05s what is produced',
  )
  const { lagSeconds, lagRecords, inPerSecond, unknownPartitions, endAgeSeconds } = silent.numbers
  assert.deepEqual([lagSeconds, inPerSecond], [null, null])
  assert.deepEqual([lagRecords, unknownPartitions, endAgeSeconds], [0, 1, 125])
  const { facts } = silent.partitions[0] ?? {}
  assert.deepEqual([facts?.isCurrent, facts?.endAgeSeconds], [false, 125])
  assert.deepEqual([facts?.lag, facts?.lagSeconds, facts?.secondsToDrain], [0, null, null])
  const back = pod.pass(5, (second) => stream(second, second))
  assert.equal(words(back), '0 ok,1 not mine,2 not mine')
  assert.equal(back.history.lagSeconds.filter((each) => each === null).length, 19)
})

test('a record that is known to wait is as old as it is, although no broker says what came since', () => {
  const { sentence, partitions, numbers } = serve().pass(
    120,
    silentFrom(60, () => 10),
  )
  assert.deepEqual([partitions[0]?.word, partitions[0]?.facts?.lagSeconds], ['stalled', 110])
  assert.deepEqual([numbers.lagSeconds, numbers.unknownPartitions], [110, 1])
  assert.equal(numbers.slowest, null, 'it may be done by now, or never')
  assert.match(sentence.text, /^Stalled: nothing of t\/0 was committed/)
})

test('a partition that cannot be fetched is not known at once', () => {
  const problem = { reason: 'no-leader', message: 'it has no leader', since: START, damage: null }
  const apart = (reason: string) =>
    serve().pass(60, (second) => ({
      ...silentFrom(57, (each) => each)(second),
      ...(second > 55 && { problem: { ...problem, reason } }),
    })).numbers
  assert.deepEqual(
    ['no-leader', 'corrupt'].map((reason) => apart(reason).unknownPartitions),
    [1, 0],
  )
  assert.equal(apart('no-leader').endAgeSeconds, 3)
})

test('what has just been assigned is not called stalled', () => {
  const young = serve().pass(10, (second) => ({
    ...stream(100 + second, 7),
    oldestUnprocessedTime: START - 60_000,
  }))
  assert.equal(words(young), '0 behind,1 not mine,2 not mine')
})

test('after a rebalance nothing is told from what was before it', () => {
  const { pass } = serve()
  pass(60, (second) => stream(second, 7))
  const moved = pass(5, (second) => ({ partition: 1, ...stream(second, 7) }))
  assert.equal(words(moved), '0 not mine,1 unknown,2 not mine')
  const known = pass(10, (second) => ({ partition: 1, ...stream(second, 7) }))
  assert.equal(words(known), '0 not mine,1 behind,2 not mine')
})

test('what a circuit holds is held, and what cannot be fetched is stalled', () => {
  const held = serve().pass(60, (second) => ({ ...stream(second, 7), pausedBy: 'circuit' }))
  assert.match(words(held), /^0 held/)
  const unsaid = serve().pass(60, (second) => ({ ...stream(second, 7), pausedBy: 'pauses' }))
  assert.match(words(unsaid), /^0 held/)
  const problem = { reason: 'no-leader', message: 'it has no leader', since: START, damage: null }
  const apart = serve().pass(60, (second) => ({ ...stream(second, second), problem }))
  assert.match(words(apart), /^0 stalled/)
  assert.equal(apart.partitions[0]?.facts?.problem, 'it has no leader')
})

test('the figures are those of the last minute, and the history keeps 15 minutes', () => {
  const { meters, pass } = serve()
  const topic = meters.topic('t')
  const count = (second: number) => {
    topic.handled += 6
    topic.parked += 4
    for (let index = 0; index < 10; index++) topic.endToEndSeconds.observe(second > 1_000 ? 2 : 100)
    return stream(second, second)
  }
  const early = pass(1_000, count)
  assert.equal(early.numbers.outPerSecond, 2)
  assert.ok((early.numbers.p99Seconds ?? 0) > 60)
  const late = pass(1_000, count)
  assert.deepEqual([late.numbers.outPerSecond, late.numbers.lagSeconds], [2, 0])
  // Two seconds are in the bucket up to 2.5 s.
  assert.ok((late.numbers.p99Seconds ?? 100) <= 2.5, String(late.numbers.p99Seconds))
  const { history } = late
  assert.equal(history.at.length, 180)
  assert.equal((history.at.at(-1) ?? 0) - (history.at[0] ?? 0), 179 * 5_000)
  assert.deepEqual(
    new Set(Object.values(history).flatMap((each) => (Array.isArray(each) ? each.length : []))),
    new Set([180]),
  )
  assert.equal(history.outPerSecond.at(-1), 2)
})

test('rebalances are marks, and losses are told for an hour', () => {
  const { meters, pass } = serve()
  pass(20, (second) => stream(second, second))
  meters.process.rebalancesByProtocol.set('cooperative-sticky', 2)
  meters.topic('t').recordsLost = 5
  const after = pass(10, (second) => stream(second, second))
  assert.deepEqual(after.history.rebalances, [0, 0, 0, 0, 0, 2, 0])
  assert.match(after.sentence.text, /5 lost since the start$/)
  assert.match(after.notes[0]?.text ?? '', /^Lost: 5 records .* the last at 14:00 UTC$/)
  const later = pass(3_700, (second) => stream(second, second))
  assert.deepEqual(later.notes, [])
})

test('handlers and sinks are told by the minute, with their circuits', () => {
  const { meters, keeper, pass } = serve()
  const handler = meters.handler('whale')
  const sink = meters.sink('db')
  sink.up = 1
  const last = pass(120, (second) => {
    handler.outcomes.ok += 50
    handler.outcomes.later += 5
    sink.values += 25
    return stream(second, second)
  })
  const { ok, later } = last.handlers[0]?.outcomesPerMinute ?? {}
  assert.deepEqual([ok, later], [600, 60])
  assert.deepEqual([last.sinks[0]?.valuesPerMinute, last.sinks[0]?.up], [300, true])
  assert.equal(keeper.overview(), last, 'made once a second at most')
})

test('a handler that was not called yet is there, with its circuit', () => {
  const { keeper } = serve({ circuits: [circuitStatus({ handler: 'new', state: 'held' })] })
  assert.deepEqual(
    keeper.overview().handlers.map(({ name, circuit }) => [name, circuit]),
    [['new', 'held']],
  )
})

test('dead letters are told by handler and error, of a bounded number of kinds', () => {
  const { meters, keeper } = serve()
  const { kinds } = meters.deadLetterTarget('file')
  const keep = (code: string, offset: number) =>
    kinds.count({
      record: { topic: 't', partition: 0, offset },
      error: { code },
      handler: 'whale',
      failedAt: START + offset * 1_000,
    } as Parameters<typeof kinds.count>[0])
  keep('OCC_A', 1)
  keep('OCC_B', 2)
  keep('OCC_A', 3)
  assert.deepEqual(keeper.overview().letters.kinds, [
    {
      ...{ handler: 'whale', code: 'OCC_A', count: 2, sample: 't/0/3' },
      ...{ first: '2026-11-28T14:00:01.000Z', last: '2026-11-28T14:00:03.000Z' },
    },
    {
      ...{ handler: 'whale', code: 'OCC_B', count: 1, sample: 't/0/2' },
      ...{ first: '2026-11-28T14:00:02.000Z', last: '2026-11-28T14:00:02.000Z' },
    },
  ])
  for (let index = 0; index < 500; index++) keep(`OCC_${index}`, 4)
  assert.equal(kinds.kinds().length, 101)
  assert.equal(kinds.kinds().find(({ code }) => code === 'OTHER')?.count, 402)
})

test('what is in flight, queued and waits for another attempt, of all partitions; what a handler has', () => {
  const { keeper, meters } = serve({
    load: { inFlight: 7, concurrency: 8, bufferedBytes: 5_000, maxBytes: 9_000 },
    partitions: [
      partitionStatus({ partition: 0, queueRecords: 40, retrying: 1 }),
      partitionStatus({ partition: 1, queueRecords: 2, retrying: 2 }),
    ],
    circuits: [],
  })
  Object.assign(meters.handler('whale'), { inFlight: 5, waiting: 2 })
  const { load, handlers } = keeper.overview()
  const bytes = { bufferedBytes: 5_000, maxBytes: 9_000 }
  assert.deepEqual(load, { inFlight: 7, concurrency: 8, queued: 42, retrying: 3, ...bytes })
  assert.deepEqual(
    handlers.map(({ name, inFlight, waiting }) => [name, inFlight, waiting]),
    [['whale', 5, 2]],
  )
})
