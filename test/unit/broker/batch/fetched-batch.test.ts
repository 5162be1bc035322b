import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  createDamaged,
  createMarker,
  readRawBatch,
} from '../../../../src/broker/batch/fetched-batch.ts'
import { OccError } from '../../../../src/kernel/errors.ts'
import { CODECS, writeBatch } from '../../../support/records/record-batches.ts'
import { fetched, options, place, readAll } from './reading.ts'

const records = Array.from({ length: 40 }, (_, index) => ({
  key: `key ${index}`,
  value: index % 7 === 0 ? null : 'value '.repeat(index),
  headers: index % 3 === 0 ? ([['h', String(index)]] as const) : [],
}))

for (const [codec, name] of CODECS.entries()) {
  test(`${name}: records can be read before and after it is detached`, () => {
    const whole = writeBatch({ baseOffset: 100, records, codec })
    // In the middle of an answer, as it comes.
    const answer = Buffer.concat([Buffer.alloc(13, 1), whole, Buffer.alloc(7, 2)])
    const bytes = answer.subarray(13, 13 + whole.length)
    const batch = fetched(bytes, 110)
    const expected = readAll(whole, 110)
    assert.equal(expected.length, 30)
    assert.deepEqual(batch.read(), expected)
    assert.deepEqual(readRawBatch(batch.raw, batch, 110, options.lz4), expected)
    assert.deepEqual(
      [batch.topic, batch.partition, batch.from, batch.nextOffset, batch.count, batch.bytes],
      ['chain', 3, 110, 140, 40, whole.length],
    )
    assert.equal(batch.endOffset, 1_000)
    assert.equal(batch.damage, null)

    batch.detach()
    answer.fill(0xff)
    const after = batch.read()
    assert.deepEqual(after, expected)
    const held = after[1]?.value?.buffer
    assert.ok(held !== undefined && held !== answer.buffer)
    batch.detach()
    // Of no codec the values are slices of the batch, which is copied once only.
    if (codec === 0) assert.ok(batch.read()[1]?.value?.buffer === held)
  })
}

test('a batch emptied by compaction has no records, whatever its codec', () => {
  const body = Buffer.alloc(0)
  for (const codec of [0, 1, 2, 3, 4]) {
    const batch = fetched(writeBatch({ baseOffset: 5, lastOffsetDelta: 4, codec, body }))
    assert.deepEqual([batch.count, batch.nextOffset], [0, 10])
    assert.deepEqual(batch.read(), [])
  }
})

test('an unreadable batch reports what is known about it', () => {
  const whole = writeBatch({ baseOffset: 100, records, codec: 4 })
  const batch = fetched(whole, 0, 500)
  let error: unknown
  try {
    batch.read()
  } catch (thrown) {
    error = thrown
  }
  assert.ok(error instanceof OccError)
  assert.equal(error.code, 'OCC_BATCH_TOO_LARGE')
  const damage = batch.damageBy(error)
  assert.deepEqual(
    [damage.codec, damage.firstOffset, damage.lastOffset, damage.error],
    ['zstd', 100, 139, error],
  )
  assert.ok(damage.raw.equals(whole))
})

test('a marker moves the position and has no records', () => {
  const marker = createMarker({ ...place, from: 8 }, 12)
  marker.detach()
  assert.deepEqual(marker.read(), [])
  assert.deepEqual(
    [marker.topic, marker.partition, marker.from, marker.nextOffset, marker.endOffset],
    ['chain', 3, 8, 12, 1_000],
  )
  assert.deepEqual([marker.count, marker.bytes, marker.damage], [0, 0, null])
})

test('a damaged batch counts as one record, throws its error, and can be detached', () => {
  const answer = Buffer.from('before the damage after')
  const error = new OccError('OCC_BATCH_CORRUPT', 'broken')
  const raw = answer.subarray(7, 17)
  const damage = { error, codec: 'lz4', firstOffset: 20, lastOffset: 29, raw }
  const batch = createDamaged({ ...place, from: 22 }, damage)
  assert.deepEqual([batch.from, batch.nextOffset, batch.count, batch.bytes], [22, 30, 1, 10])
  assert.throws(() => batch.read(), error)
  batch.detach()
  answer.fill('x')
  assert.equal(String(batch.damage?.raw), 'the damage')
  assert.deepEqual({ ...batch.damage, raw }, damage)
})
