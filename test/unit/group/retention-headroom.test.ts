import assert from 'node:assert/strict'
import test from 'node:test'
import { withRetentionHeadroom } from '../../../src/group/retention-headroom.ts'
import type { GroupProgress, PartitionStatus } from '../../../src/observe/types.ts'
import { progressOf } from '../../support/group-progress.ts'
import { partitionStatus } from '../../support/status.ts'

const NOW = 1_060_000
const PROGRESS: GroupProgress = {
  ...progressOf({ 'solana.transfers': 1 }),
  retentionByTopic: { 'solana.transfers': 100_000 },
}

function headroom(changes: Partial<PartitionStatus>, progress: GroupProgress | null = PROGRESS) {
  return withRetentionHeadroom(partitionStatus(changes), progress, NOW).retentionHeadroom
}

test('the retention minus the age of the oldest unprocessed record', () => {
  assert.equal(headroom({ oldestUnprocessedTime: NOW - 60_000 }), 40_000)
  assert.equal(headroom({ oldestUnprocessedTime: NOW - 130_000 }), -30_000)
  assert.equal(headroom({ oldestUnprocessedTime: NOW + 5_000 }), 100_000)
})

test('when caught up, what may have come since a broker named the end', () => {
  const caughtUp = { oldestUnprocessedTime: null, caughtUp: true }
  assert.equal(headroom({ ...caughtUp, endKnownAt: NOW - 50_000 }), 100_000, 'nothing flickers')
  assert.equal(headroom({ ...caughtUp, endKnownAt: NOW - 70_000 }), 30_000)
})

test('null for what is not known', () => {
  assert.equal(headroom({ oldestUnprocessedTime: null, caughtUp: false }), null)
  assert.equal(headroom({ topic: 'kept.for.ever' }), null)
  assert.equal(headroom({}, null), null)
})
