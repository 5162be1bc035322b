import assert from 'node:assert/strict'
import { test } from 'node:test'
import { verifyCrc } from '../../../../src/broker/batch/header.ts'
import { scanBatches } from '../../../../src/broker/batch/scan.ts'
import { writeBatch } from '../../../support/records/record-batches.ts'
import { place } from './reading.ts'

const one = writeBatch({ baseOffset: 10, records: [{ value: 'a' }, { value: 'b' }] })
const two = writeBatch({ baseOffset: 12, records: [{ value: 'c' }], codec: 4 })
const both = Buffer.concat([one, two])

test('all fields of a header are read', () => {
  const bytes = writeBatch({
    baseOffset: 2 ** 52,
    records: [{ timestamp: 1_700_000_000_007 }, {}],
    codec: 3,
    lastOffsetDelta: 9,
    logAppendTime: true,
    transactional: true,
    control: true,
    producerId: 2n ** 60n,
    producerEpoch: 7,
    baseSequence: 2 ** 31 - 1,
    leaderEpoch: 42,
  })
  const [batch] = scanBatches(place, bytes).batches
  assert.ok(batch)
  assert.deepEqual(batch.bytes, bytes)
  assert.deepEqual(batch.header, {
    baseOffset: 2 ** 52,
    bytes: bytes.length,
    partitionLeaderEpoch: 42,
    crc: bytes.readUInt32BE(17),
    codec: 3,
    logAppendTime: true,
    isTransactional: true,
    isControl: true,
    lastOffsetDelta: 9,
    lastOffset: 2 ** 52 + 9,
    baseTimestamp: 1_700_000_000_000,
    maxTimestamp: 1_700_000_000_007,
    producerId: 2n ** 60n,
    producerEpoch: 7,
    baseSequence: 2 ** 31 - 1,
    count: 2,
  })
  assert.ok(verifyCrc(batch.header, batch.bytes))
})

test('flags of a plain batch are not set, and no producer is -1', () => {
  const { header } = scanBatches(place, one).batches[0] ?? {}
  assert.ok(header)
  assert.ok(!header.isControl && !header.isTransactional && !header.logAppendTime)
  assert.equal(header.codec, 0)
  assert.equal(header.producerId, -1n)
})

test('an answer without records, and one of several batches', () => {
  assert.deepEqual(scanBatches(place, Buffer.alloc(0)), { batches: [], end: { kind: 'end' } })
  const { batches, end } = scanBatches(place, both)
  assert.deepEqual(end, { kind: 'end' })
  assert.deepEqual(
    batches.map(({ header }) => [header.baseOffset, header.lastOffset]),
    [
      [10, 11],
      [12, 12],
    ],
  )
})

test('a truncated batch is left out; a truncated first one is reported', () => {
  for (let length = 1; length < both.length; length++) {
    const { batches, end } = scanBatches(place, both.subarray(0, length))
    assert.equal(batches.length, length < one.length ? 0 : 1, `${length} bytes`)
    if (length >= one.length) assert.deepEqual(end, { kind: 'end' })
    else assert.deepEqual(end, { kind: 'cut', bytes: length < 17 ? 61 : one.length })
  }
})

test('compaction: the next offset comes from the header, whether or not a record is left', () => {
  const emptied = writeBatch({ baseOffset: 5, lastOffsetDelta: 4, codec: 1, body: Buffer.alloc(0) })
  const shortened = writeBatch({ baseOffset: 10, records: [{ offset: 12 }], lastOffsetDelta: 7 })
  const { batches } = scanBatches(place, Buffer.concat([emptied, shortened]))
  assert.deepEqual(
    batches.map(({ header }) => [header.count, header.lastOffset]),
    [
      [0, 9],
      [1, 17],
    ],
  )
})

function endAfterOne(change: (second: Buffer) => void) {
  const second = Buffer.from(two)
  change(second)
  const { batches, end } = scanBatches(place, Buffer.concat([one, second]))
  assert.equal(batches.length, 1)
  return end
}

const unreadable: ReadonlyArray<readonly [string, (second: Buffer) => void, string, RegExp]> = [
  ['a negative length', (b) => b.writeInt32BE(-1, 8), 'OCC_BATCH_CORRUPT', /length of -1 bytes/],
  ['length zero', (b) => b.writeInt32BE(0, 8), 'OCC_BATCH_CORRUPT', /length of 0 bytes/],
  ['less than a header', (b) => b.writeInt32BE(48, 8), 'OCC_BATCH_CORRUPT', /length of 48 bytes/],
  [
    'an offset before',
    (b) => b.writeInt32BE(11, 4),
    'OCC_BATCH_CORRUPT',
    /below the end of the previous one/,
  ],
  ['an offset below 0', (b) => b.writeInt32BE(-1, 0), 'OCC_OFFSET_RANGE', /at offset -4294967284/],
  ['beyond 2^53', (b) => b.writeInt32BE(1 << 21, 0), 'OCC_OFFSET_RANGE', /9007199254741004/],
  [
    'a last offset beyond 2^53',
    (b) => {
      b.writeBigInt64BE(2n ** 53n - 2n, 0)
      b.writeInt32BE(5, 23)
    },
    'OCC_BATCH_CORRUPT',
    /last offset is 90071992547409/,
  ],
  [
    'a last offset before',
    (b) => b.writeInt32BE(-1, 23),
    'OCC_BATCH_CORRUPT',
    /is -1 after its first/,
  ],
]

for (const [what, change, code, message] of unreadable) {
  test(`${what}: the batches before it are read, and nothing after it`, () => {
    const end = endAfterOne(change)
    assert.equal(end.kind, 'unreadable')
    assert.ok(end.kind === 'unreadable')
    assert.equal(end.error.code, code)
    assert.match(end.error.message, message)
    assert.match(end.error.message, /chain\/3/)
  })
}

test('an impossible count is damage, and the offset after the batch is known', () => {
  for (const count of [-1, 2, 2 ** 31 - 1]) {
    const end = endAfterOne((second) => second.writeInt32BE(count, 57))
    assert.ok(end.kind === 'damaged')
    const { error, codec, firstOffset, lastOffset, raw } = end.damage
    assert.equal(error.code, 'OCC_BATCH_CORRUPT')
    assert.match(error.message, new RegExp(`its header counts ${count} records`))
    assert.deepEqual([codec, firstOffset, lastOffset, raw.length], ['zstd', 12, 12, two.length])
  }
})

for (const [magic, message] of [
  [0, /offset 12 of chain\/3 has message format v0: .*older than Kafka 0\.11.*Remedy/],
  [1, /message format v1: .*older than Kafka 0\.11/],
  [3, /message format v3, and only v2 is known/],
] as const) {
  test(`format v${magic} is rejected as one damaged batch`, () => {
    const end = endAfterOne((second) => {
      second.writeInt8(magic, 16)
      second.writeInt8(1, 17)
    })
    assert.ok(end.kind === 'damaged')
    const { error, codec, firstOffset, lastOffset, raw } = end.damage
    assert.equal(error.code, 'OCC_BATCH_FORMAT')
    assert.match(error.message, message)
    assert.equal(codec, magic === 3 ? 'unknown' : 'gzip')
    assert.deepEqual([firstOffset, lastOffset, raw.length], [12, 12, two.length])
  })
}

test('a message of v0 is shorter than any header of v2', () => {
  // Offset 9, size 14, CRC, magic 0, attributes, key null, value null.
  const message = Buffer.from('00000000000000090000000e1234567800' + '00ffffffffffffffff', 'hex')
  const { batches, end } = scanBatches(place, message)
  assert.equal(batches.length, 0)
  assert.ok(end.kind === 'damaged')
  assert.equal(end.damage.error.code, 'OCC_BATCH_FORMAT')
  assert.equal(end.damage.firstOffset, 9)
})
