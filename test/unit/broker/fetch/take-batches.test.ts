import assert from 'node:assert/strict'
import { test } from 'node:test'
import { takeBatches } from '../../../../src/broker/fetch/take-batches.ts'
import { lz4Codec } from '../../../../src/decode/lz4/codec.ts'
import { writeBatch } from '../../../support/records/record-batches.ts'

const READER = { checkCrcs: true, maxBatchBytes: 1e6, readUncommitted: false, lz4: lz4Codec }
const MAGIC_AT = 16
const LAST_OFFSET_DELTA_AT = 23
const COUNT_AT = 57

function take(records: Buffer, highWatermark: number, position = 0) {
  const answer = {
    ...{ partition: 0, error: 0, highWatermark, lastStableOffset: highWatermark },
    ...{ logStartOffset: 0, aborted: [], preferredReadReplica: -1, records },
  }
  return takeBatches({ topic: 'topic', partition: 0, position }, answer, READER)
}

function batchAt(baseOffset: number, count = 3): Buffer {
  const records = Array.from({ length: count }, () => ({ value: 'value' }))
  return writeBatch({ baseOffset, records })
}

/** Its header gives another last offset than it has; the checksum tells that something is wrong. */
function withLastOffset(batch: Buffer, lastOffsetDelta: number): Buffer {
  batch.writeInt32BE(lastOffsetDelta, LAST_OFFSET_DELTA_AT)
  return batch
}

test('the next batch, not its own header, determines where a damaged batch ends', () => {
  const damaged = withLastOffset(batchAt(0), 1_000_000)
  const { damaged: found } = take(Buffer.concat([damaged, batchAt(3), batchAt(6)]), 9)
  assert.equal(found?.damage?.lastOffset, 2)
  assert.ok(found.damage.raw.equals(damaged))
})

test('a damaged header that nothing confirms gives no end: nothing after it is skipped', () => {
  const beyond = take(withLastOffset(batchAt(0), 50), 9)
  assert.equal(beyond.damaged?.damage, null)
  const within = take(withLastOffset(batchAt(0), 5), 9)
  assert.equal(within.damaged?.damage, null)
  // The next one is cut off, and begins elsewhere.
  const cut = Buffer.concat([withLastOffset(batchAt(0), 5), batchAt(3).subarray(0, 61)])
  assert.equal(take(cut, 9).damaged?.damage, null)
})

test('nor does a header that contradicts itself and its checksum', () => {
  const damaged = withLastOffset(batchAt(0), 1_000_000)
  damaged.writeInt32BE(-1, COUNT_AT)
  assert.equal(take(damaged, 9).damaged?.damage, null)
  const { damaged: followed } = take(Buffer.concat([damaged, batchAt(3)]), 9)
  assert.equal(followed?.damage?.lastOffset, 2)
})

test('a batch of another format that begins below the position is held: its end is not known', () => {
  const unknown = batchAt(0)
  unknown.writeInt8(3, MAGIC_AT)
  assert.equal(take(unknown, 9, 0).damaged?.damage?.lastOffset, 0)
  const { damaged, position } = take(unknown, 9, 1)
  assert.equal(damaged?.error.code, 'OCC_BATCH_FORMAT')
  assert.deepEqual([damaged?.damage, position], [null, 1])
})

test('the end of a damaged batch is known if two sources agree', () => {
  const spoiled = batchAt(0)
  spoiled[spoiled.length - 1] = 0xff
  assert.equal(take(spoiled, 3).damaged?.damage?.lastOffset, 2)
  assert.equal(take(spoiled, 9).damaged?.damage?.lastOffset, 2)
  const followed = Buffer.concat([spoiled, batchAt(3).subarray(0, 61)])
  assert.equal(take(followed, 9).damaged?.damage?.lastOffset, 2)
})

test('a truncated first batch is damaged; a truncated later one comes again', () => {
  const whole = batchAt(0)
  const first = take(whole.subarray(0, whole.length - 1), 9)
  assert.equal(first.position, 0)
  assert.equal(first.damaged?.damage, null)
  const later = take(Buffer.concat([whole, batchAt(3).subarray(0, 70)]), 9)
  assert.equal(later.position, 3)
  assert.equal(later.damaged, null)
})
