import assert from 'node:assert/strict'
import test from 'node:test'
import type { PartitionStatus } from '../../../../src/observe/types.ts'
import { numbers } from '../../../support/overview.ts'
import { circuitStatus, memberStatus, pauseOf, scalingReportOf } from '../../../support/status.ts'
import { AT_1402, type Changes, inHandlers, NOW, part, told } from './situation.ts'

const DAY = 86_400_000

function problem(reason: string): Partial<PartitionStatus> {
  return { problem: { reason, message: 'why', since: AT_1402, damage: null } }
}

const behindTransaction = {
  blockedByTransaction: { records: 9, since: NOW - 45_000 },
  stableOffset: 120,
}

const behind = (partition: number, lagSeconds: number, secondsUntilLoss: number) =>
  part(partition, 'behind', {}, { lagSeconds, secondsUntilLoss, secondsToDrain: 120 })

/** What is true, and the sentence about it: its name, level and text. */
const sentences: ReadonlyArray<readonly [Changes, string]> = [
  [{}, 'keeping-up ok Keeping up: 1.4 s behind, 3,120 records/s, nothing lost'],
  [
    {
      partitions: [part(0, 'ok', {}, { lag: 0, lagSeconds: 0 })],
      numbers: numbers({ outPerSecond: 0 }),
    },
    'keeping-up ok Keeping up: nothing waits, 0 records/s, nothing lost',
  ],
  [
    { partitions: [part(0, 'ok', { caughtUp: false }, { lag: 1_000, lagSeconds: 0 })] },
    'keeping-up ok Keeping up: 1,000 records wait, 3,120 records/s, nothing lost',
  ],
  [
    { partitions: [part(0, 'ok', { caughtUp: false }, { lag: 1, lagSeconds: 0 })] },
    'keeping-up ok Keeping up: 1 record waits, 3,120 records/s, nothing lost',
  ],
  [
    {
      partitions: [
        part(7, 'growing', {}, { inPerSecond: 310, outPerSecond: 100, lagSeconds: null }),
      ],
    },
    'falling-behind warning Falling behind: 210/s more than handled at t/7; data loss in 52m 00s at the earliest, at t/7',
  ],
  [
    { counts: { lost: 1_234 } },
    'keeping-up ok Keeping up: 1.4 s behind, 3,120 records/s, 1,234 lost since the start',
  ],
  [
    { partitions: [part(0, 'behind', {}, { lagSeconds: 245, secondsToDrain: null })] },
    'catching-up info Catching up: 4m 05s behind, it is not known when it is done',
  ],
  [
    { partitions: [behind(0, 245, 14_000)] },
    'catching-up info Catching up: 4m 05s behind, done in about 2m 00s',
  ],
  [
    { partitions: [behind(0, 301, 14_000)] },
    'catching-up warning Catching up: 5m 01s behind, done in about 2m 00s',
  ],
  [
    {
      partitions: [
        part(0),
        part(7, 'growing', {}, { inPerSecond: 310, outPerSecond: 100, lagSeconds: 45 }),
      ],
    },
    'falling-behind warning Falling behind: 210/s more than handled at t/7, 45.0 s behind; data loss in 52m 00s at the earliest, at t/7',
  ],
  [
    { partitions: [part(0), behind(7, 900, 1_500)], numbers: numbers({ secondsToDrain: 120 }) },
    'loss-soon warning Data loss in 25m 00s at t/7: then retention may delete records that are not handled; the lag is gone in about 2m 00s',
  ],
  [
    { partitions: [part(0), behind(7, 900, 480)], numbers: numbers({ secondsToDrain: null }) },
    'loss-imminent critical Data loss in 8m 00s at t/7: then retention may delete records that are not handled',
  ],
  [
    { partitions: [behind(7, 900, -3)], numbers: numbers({ secondsToDrain: null }) },
    'loss-imminent critical Data loss now at t/7: then retention may delete records that are not handled',
  ],
  [
    {
      status: { circuits: [circuitStatus({ handler: 'whale', state: 'open', openedAt: AT_1402 })] },
      partitions: [part(0, 'held')],
    },
    'circuit-open warning Held: the circuit of handler whale is open since 14:02 UTC, because it fails with every record',
  ],
  [
    {
      status: {
        circuits: [circuitStatus({ handler: '', topic: 't', state: 'open', openedAt: AT_1402 })],
      },
    },
    'nothing-decodes warning Held: no record of t can be decoded',
  ],
  [
    {
      status: {
        pauses: [pauseOf({ topic: 't', partition: 3 })],
        circuits: [circuitStatus({ handler: 'whale', state: 'held' })],
      },
    },
    'paused warning Held: an operator has paused partition 3 of t and the handler whale',
  ],
  [
    {
      status: { startedAt: NOW - 1_000 },
      partitions: [0, 1, 2].map((each) => part(each, 'held', { pausedBy: 'pauses' })),
    },
    'pauses-unknown info Held: it is not known yet what operators have paused, and t/0, t/1 and 1 more wait for that',
  ],
  [
    {
      status: { startedAt: NOW - 61_000 },
      partitions: [part(0, 'held', { pausedBy: 'pauses' })],
    },
    'pauses-unknown warning Held: it is not known yet what operators have paused, and t/0 waits for that',
  ],
  [
    { partitions: [part(3, 'held', { pausedBy: 'schema' })] },
    'schema warning Held: t/3 waits for a schema or earlier blocks that are not loaded',
  ],
  [
    {
      partitions: [
        part(3, 'held', { pausedBy: 'dead-letters' }),
        part(4, 'held', { pausedBy: 'dead-letters' }),
      ],
    },
    'letters-not-kept critical Held: t/3 and t/4 wait for dead letters that their target does not take',
  ],
  [
    { partitions: [part(3, 'held', { pausedBy: 'parked' })] },
    'not-parked critical Held: t/3 waits for records that cannot be parked',
  ],
  [
    { partitions: [part(3, 'stalled', problem('corrupt'))] },
    'corrupt critical Stalled: a batch of t/3 cannot be read',
  ],
  [
    { partitions: [1, 2, 3].map((each) => part(each, 'stalled', problem('no-leader'))) },
    'not-fetched warning Stalled: t/1, t/2 and 1 more cannot be fetched since 14:02 UTC (no-leader)',
  ],
  [
    { partitions: [part(1, 'stalled', problem('not-authorized'))] },
    'not-fetched critical Stalled: t/1 cannot be fetched since 14:02 UTC (not-authorized)',
  ],
  [
    {
      partitions: [
        part(1, 'stalled', { blockedByTransaction: { records: 9, since: NOW - 11 * 60_000 } }),
      ],
    },
    'transaction-open warning Stalled: an open transaction holds back records of t/1 since 13:59 UTC',
  ],
  [
    {
      partitions: [0, 1].map((each) =>
        part(each, 'stalled', { ...behindTransaction, committedOffset: 120 }),
      ),
    },
    'transaction-open info Stalled: an open transaction holds back records of t/0 and t/1 since 14:09 UTC',
  ],
  [
    { partitions: [part(1, 'stalled', { ...behindTransaction, committedOffset: 119, lag: 1 })] },
    'stalled critical Stalled: nothing of t/1 was committed for a while, and 1 record of t/1 waits',
  ],
  [
    {
      partitions: [
        part(0),
        part(
          1,
          'stalled',
          { lag: 1_000, oldest: inHandlers('whale') },
          { oldestInFlightSeconds: 95 },
        ),
      ],
    },
    'stalled critical Stalled: nothing of t/1 was committed for a while, and 1,000 records of t/1 wait; a record is in flight for 1m 35s in handler whale',
  ],
  [
    {
      partitions: [part(1), { ...part(1, 'stalled', { lag: 1_000 }), group: 'slow' }],
    },
    'stalled critical Stalled: nothing of t/1 of slow was committed for a while, and 1,000 records of t/1 of slow wait',
  ],
  [
    {
      status: {
        members: [
          memberStatus({
            state: 'connecting',
            reason: 'b:9092 does not answer. Check kafka.brokers. [ECONNREFUSED]',
          }),
        ],
      },
    },
    'broker-lost critical No broker: b:9092 does not answer. Nothing is committed meanwhile',
  ],
  [
    { status: { members: [memberStatus({ state: 'waiting', reason: 'the topic t is missing' })] } },
    'not-ready warning Not ready: member consumer-0 is waiting: the topic t is missing',
  ],
  [
    {
      status: {
        members: [memberStatus({ state: 'joining', reason: 'joining' })],
        startedAt: NOW - 1_000,
      },
      partitions: [],
    },
    'not-ready info Not ready: member consumer-0 is joining: joining',
  ],
  [
    { status: { members: [] }, partitions: [] },
    'not-ready info Not ready: no member of the group exists yet',
  ],
  [{ partitions: [] }, 'standby info On standby: no partition is assigned to this pod'],
  [{ partitions: [part(0, 'unknown')] }, 'unknown info Not known yet: how far behind t/0 is'],
  [
    {
      partitions: [
        part(0, 'unknown'),
        part(1, 'unknown', {}, { isCurrent: false, endAgeSeconds: 185 }),
      ],
    },
    'unknown warning Not known: how far behind t/0 and t/1 are; no broker has said for 3m 05s what is produced',
  ],
  [{ status: { state: 'starting', members: [] } }, 'starting info Starting'],
  [
    {
      status: {
        state: 'draining',
        load: { inFlight: 3, concurrency: 1, bufferedBytes: 0, maxBytes: 1 },
      },
    },
    'draining info Draining: 3 records in flight are finished, nothing new is taken',
  ],
  [
    {
      status: {
        state: 'draining',
        load: { inFlight: 1, concurrency: 1, bufferedBytes: 0, maxBytes: 1 },
      },
    },
    'draining info Draining: 1 record in flight is finished, nothing new is taken',
  ],
  [{ status: { state: 'stopped' } }, 'stopped info Stopped'],
  [
    {
      groups: [
        {
          id: 'g',
          isOwn: false,
          report: scalingReportOf({
            lag: 40_145,
            partitions: 12,
            produceRate: 300,
            consumeRate: 90,
            secondsToDrain: null,
          }),
        },
      ],
    },
    'others-behind warning This pod keeps up; 40,105 records of the group wait in other pods: 210/s more than handled',
  ],
  [
    {
      groups: [
        {
          id: 'g',
          isOwn: false,
          report: scalingReportOf({ lag: 40_145, partitions: 12, secondsToDrain: 60 }),
        },
      ],
    },
    'others-behind info This pod keeps up; 40,105 records of the group wait in other pods, done in about 1m 00s',
  ],
]

for (const [changes, expected] of sentences) {
  test(`the sentence: ${expected}`, () => {
    const { sentence, notes } = told(changes)
    assert.equal(`${sentence.name} ${sentence.level} ${sentence.text}`, expected)
    // What flows beside it is said, too, and what waits is never said twice.
    assert.ok(!notes.some(({ name }) => name === sentence.name))
  })
}

test('what waits comes before how the others do, and causes before their effects', () => {
  const { sentence, notes } = told({
    status: { circuits: [circuitStatus({ handler: 'whale', state: 'open', openedAt: AT_1402 })] },
    partitions: [
      part(0),
      part(1, 'held', { pausedBy: 'circuit' }, { lagSeconds: 900, secondsUntilLoss: 480 }),
    ],
  })
  assert.deepEqual(
    [sentence, ...notes].map(({ name }) => name),
    ['loss-imminent', 'circuit-open', 'keeping-up'],
  )
  assert.match(
    notes[1]?.text ?? '',
    /^Keeping up with the other partition: 1\.4 s behind, nothing lost$/,
  )
})

test('without a broker or a topic nobody says that the partitions of that member keep up', () => {
  const members = [
    memberStatus({ state: 'connecting', reason: 'b:9092 does not answer' }),
    memberStatus({ id: 'consumer-1' }),
  ]
  const { sentence, notes } = told({
    status: { members },
    partitions: [part(0), part(1, 'ok', { member: 'consumer-1' })],
  })
  assert.deepEqual(
    [sentence, ...notes].map(({ text }) => text.split(':', 1)[0]),
    ['No broker', 'Keeping up with the other partition'],
  )
  assert.deepEqual(told({ status: { members: members.slice(0, 1) } }).notes, [])
  const topicless = [memberStatus({ state: 'waiting', reason: 'the topic t is missing' })]
  assert.deepEqual(told({ status: { members: topicless } }).notes, [])
})

test('a day that is not today is told with the time', () => {
  const since = NOW - 2 * DAY
  const { sentence } = told({
    status: { circuits: [circuitStatus({ handler: 'whale', state: 'open', openedAt: since })] },
  })
  assert.match(sentence.text, /open since 2026-11-26 14:10 UTC/)
})
