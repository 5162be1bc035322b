import assert from 'node:assert/strict'
import test from 'node:test'
import {
  type GroupSample,
  lagTotals,
  type PartitionReading,
  partitionLags,
} from '../../../src/group/partition-lag.ts'

const NOW = 1_000_000

function sample(at: number, ...readings: Array<Partial<PartitionReading>>): GroupSample {
  const partitions = readings.map((reading, partition): PartitionReading => {
    const nothing = { low: 0, end: 0, committed: 0, oldest: null, retention: null }
    return { topic: 't', partition, ...nothing, ...reading }
  })
  return { at, partitions: new Map(partitions.map((each) => [`t/${each.partition}`, each])) }
}

test('of a topic made anew nothing is committed, however high the offset of the old one is', () => {
  const anew = { low: 10, end: 100, committed: 90, isAnew: true, oldest: NOW - 60_000 }
  const then = { ...anew, end: 95 }
  const [first] = partitionLags(null, sample(0, anew), NOW)
  assert.deepEqual([first?.lag, first?.lost, first?.trend], [90, 0, 'unknown'])
  const [second] = partitionLags(sample(0, then), sample(5_000, anew), NOW)
  assert.deepEqual([second?.lag, second?.trend], [90, 'stalled'])
})

test('the trend is a word: ok, behind, growing, stalled, held, unknown', () => {
  const old = { oldest: NOW - 60_000 }
  const before = sample(
    0,
    { end: 100, committed: 100 },
    { end: 1_000, committed: 0 },
    { end: 1_000, committed: 0 },
    { end: 1_000, committed: 500 },
    { end: 1_000, committed: 500 },
    { end: 1_000, committed: null },
    { end: 1_000, committed: 900 },
  )
  const after = sample(
    5_000,
    { end: 100, committed: 100 },
    { end: 1_100, committed: 600, ...old },
    { end: 2_000, committed: 100, ...old },
    { end: 1_000, committed: 500, ...old },
    { end: 1_000, committed: 500, ...old },
    { end: 1_000, committed: null },
    { end: 1_000, committed: 200, ...old },
  )
  const trends = partitionLags(before, after, NOW, new Set(['t/4'])).map(({ trend }) => trend)
  // The last one was rewound: its rate is not known.
  const words = ['ok', 'behind', 'growing', 'stalled', 'held', 'unknown', 'unknown']
  assert.deepEqual(trends, words)
})

test('records of the last seconds are in transit, and one reading knows no rate', () => {
  const one = sample(
    0,
    { end: 50, committed: 10, oldest: NOW - 9_000 },
    { end: 50, committed: 10, oldest: NOW - 11_000 },
  )
  const [fresh, old] = partitionLags(null, one, NOW)
  assert.deepEqual([fresh?.trend, fresh?.lag, fresh?.age], ['ok', 40, 9_000])
  assert.deepEqual([old?.trend, old?.eta, old?.consumeRate], ['unknown', null, null])
})

test('a record dated ahead has no age: it is in transit if it is committed soon, else it waits', () => {
  const ahead = { oldest: NOW + 3_600_000 }
  const before = sample(0, { end: 900, committed: 800 }, { end: 900, committed: 800 })
  const after = sample(
    5_000,
    { end: 1_000, committed: 950, ...ahead },
    { end: 1_000, committed: 800, ...ahead },
    { end: 1_000, committed: 800, oldest: NOW + 9_000 },
  )
  const lags = partitionLags(before, after, NOW)
  assert.deepEqual(
    lags.map(({ trend, age }) => [trend, age]),
    [
      ['ok', null],
      ['stalled', null],
      // Clocks differ by some seconds.
      ['ok', 0],
    ],
  )
})

test('an offset beyond the end is of another log: nothing is known of the new one', () => {
  const [recreated] = partitionLags(null, sample(0, { end: 10, committed: 500 }), NOW)
  assert.ok(recreated)
  const { lag, lost, age, eta, trend } = recreated
  assert.deepEqual([lag, lost, age, eta, trend], [null, null, null, null, 'unknown'])
})

test('what retention deleted is lost and no lag; the oldest record says how long is left', () => {
  const one = sample(0, {
    ...{ low: 30, end: 50, committed: 10 },
    ...{ oldest: NOW - 400_000, retention: 600_000 },
  })
  const [only] = partitionLags(null, one, NOW)
  assert.deepEqual([only?.lag, only?.lost, only?.age, only?.untilLoss], [20, 20, 400_000, 200_000])
})

test('the slowest partition decides when the group is done, and what is unknown stays so', () => {
  const old = { oldest: NOW - 60_000 }
  const before = sample(0, { end: 1_000 }, { end: 1_000 })
  const after = sample(
    1_000,
    { end: 1_000, committed: 900, ...old },
    { end: 1_000, committed: 100, ...old },
  )
  const slow = lagTotals(partitionLags(before, after, NOW))
  assert.deepEqual([slow.lag, slow.eta, slow.trend], [1_000, 9_000, 'behind'])
  const never = sample(1_000, { end: 1_000, committed: 900, ...old }, { end: 1_000, ...old })
  assert.equal(lagTotals(partitionLags(before, never, NOW)).eta, null)
  const nothing = lagTotals(partitionLags(null, sample(0, { committed: null }), NOW))
  assert.deepEqual(
    [nothing.lag, nothing.age, nothing.trend, nothing.unknownPartitions],
    [null, null, 'unknown', 1],
  )
})
