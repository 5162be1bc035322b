import assert from 'node:assert/strict'
import test from 'node:test'
import { clippedBatch, clippedRange } from '../../../../src/broker/reading/clipped-batch.ts'
import type { RecordBatch } from '../../../../src/broker/types.ts'

function batchOf(from: number, nextOffset: number): RecordBatch {
  const record = (offset: number) => {
    const place = { topic: 't', partition: 0, offset, timestamp: 0 }
    return { ...place, key: null, value: null, headers: undefined }
  }
  return {
    ...{ topic: 't', partition: 0, from, nextOffset, endOffset: 99, bytes: 7, firstTimestamp: 1 },
    count: nextOffset - from,
    damage: null,
    read: () => Array.from({ length: nextOffset - from }, (_, index) => record(from + index)),
    detach() {},
  }
}

test('the last batch of a part ends with the part, and hands on nothing beyond it', () => {
  const clipped = clippedBatch(batchOf(5, 12), 9)
  assert.deepEqual([clipped.from, clipped.nextOffset, clipped.count], [5, 9, 4])
  assert.deepEqual(
    clipped.read().map(({ offset }) => offset),
    [5, 6, 7, 8],
  )
  assert.equal(clipped.raw, undefined)
  const whole = batchOf(5, 9)
  assert.equal(clippedBatch(whole, 9), whole)
})

test('of what retention has deleted only the part counts', () => {
  const range = { topic: 't', partition: 0, from: 5, to: 100 }
  assert.deepEqual(clippedRange(range, 9), { ...range, to: 9 })
  assert.deepEqual(clippedRange(range, 200), range)
  assert.equal(clippedRange(range, 5), null)
})
