import assert from 'node:assert/strict'
import test from 'node:test'
import type { PartitionOffsets } from '../../../src/broker/types.ts'
import { groupLag, type LagRules, topicProgress } from '../../../src/group/lag.ts'

const EARLIEST: LagRules = { autoOffsetReset: 'earliest', readUncommitted: false }
const LATEST: LagRules = { autoOffsetReset: 'latest', readUncommitted: false }

function offsets(changes: Partial<PartitionOffsets> = {}): PartitionOffsets {
  const place = { topic: 'a', partition: 0 }
  return { ...place, low: 10, end: 100, committed: 40, partitionsThen: 2, ...changes }
}

const lagOf = (all: readonly PartitionOffsets[], rules: LagRules) =>
  groupLag(topicProgress(all, rules))

test('uncommitted records, over all partitions', () => {
  const all = [offsets(), offsets({ partition: 1, committed: 100 }), offsets({ topic: 'b' })]
  assert.equal(lagOf(all, EARLIEST), 120)
})

test('without a committed offset: all records, or none with latest', () => {
  const untouched = [offsets({ committed: null, partitionsThen: null })]
  assert.equal(lagOf(untouched, EARLIEST), 90)
  assert.equal(lagOf(untouched, LATEST), 0)
  assert.equal(lagOf(untouched, { ...LATEST, autoOffsetReset: 'none' }), 0)
})

test('with latest, a partition added after the first commit is unread, those before it are not', () => {
  const unread = { committed: null, partitionsThen: null }
  const all = [offsets({ committed: 100 }), offsets({ partition: 1, ...unread })]
  assert.equal(lagOf(all, LATEST), 0)
  assert.equal(lagOf([...all, offsets({ partition: 2, ...unread })], LATEST), 90)
  assert.equal(lagOf([...all, offsets({ topic: 'b', partition: 2, ...unread })], LATEST), 0)
})

test('records deleted by retention are not counted', () => {
  assert.equal(lagOf([offsets({ committed: 4 })], EARLIEST), 90)
})

test('a committed offset beyond the end: the topic was recreated, or a transaction is open', () => {
  const beyond = [offsets({ committed: 130 })]
  assert.equal(lagOf(beyond, LATEST), 90)
  assert.equal(lagOf(beyond, { ...LATEST, readUncommitted: true }), 0)
})
