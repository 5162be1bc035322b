import assert from 'node:assert/strict'
import test from 'node:test'
import type { PartitionOffsets } from '../../../src/broker/types.ts'
import { createGroupRates } from '../../../src/group/rates.ts'

function partition(end: number, committed: number | null, number = 0): PartitionOffsets {
  return { topic: 'a', partition: number, low: 0, end, committed, partitionsThen: null }
}

test('rates are unknown after one reading, and records a second after two', () => {
  const rates = createGroupRates(60_000)
  const first = rates.add([partition(100, 10)], 0)
  assert.deepEqual(first, { consumeRate: null, produceRate: null })
  const second = rates.add([partition(140, 30)], 10_000)
  assert.deepEqual(second, { consumeRate: 2, produceRate: 4 })
})

test('rates are averages over the window; older readings are dropped', () => {
  const rates = createGroupRates(20_000)
  rates.add([partition(0, 0)], 0)
  rates.add([partition(1000, 1000)], 10_000)
  assert.equal(rates.add([partition(1000, 1000)], 20_000).produceRate, 50)
  assert.equal(rates.add([partition(1000, 1000)], 30_000).produceRate, 0)
})

test('after an outage longer than the window, the rate is the average over the outage', () => {
  const rates = createGroupRates(20_000)
  rates.add([partition(0, 0)], 0)
  assert.equal(rates.add([partition(600, 300)], 600_000).produceRate, 1)
})

test('offsets that go backwards, a first commit and a new partition are ignored', () => {
  const rates = createGroupRates(60_000)
  rates.add([partition(500, 400), partition(50, null, 1)], 0)
  const made = [partition(3, 0), partition(60, 60, 1), partition(900, 800, 2)]
  assert.deepEqual(rates.add(made, 10_000), { consumeRate: 0, produceRate: 1 })
})
