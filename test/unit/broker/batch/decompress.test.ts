import assert from 'node:assert/strict'
import { test } from 'node:test'
import zlib from 'node:zlib'
import { decompressRecords } from '../../../../src/broker/batch/decompress.ts'
import { CODECS, pack, packXerial } from '../../../support/records/record-batches.ts'
import { options, place } from './reading.ts'

const text = Buffer.from(
  Array.from({ length: 2_000 }, (_, index) => `line ${index * 7919}\n`).join(''),
)

function unpack(codec: number, body: Buffer, maxBatchBytes = 1 << 20): Buffer {
  return decompressRecords(codec, body, { ...options, maxBatchBytes }, place, 7)
}

for (const [codec, name] of CODECS.entries()) {
  test(`${name}: data round-trips, also empty data`, () => {
    assert.ok(unpack(codec, pack(codec, text)).equals(text))
    assert.equal(unpack(codec, pack(codec, Buffer.alloc(0))).length, 0)
    const random = Buffer.from(Array.from({ length: 70_000 }, (_, index) => (index * index) >> 3))
    assert.ok(unpack(codec, pack(codec, random)).equals(random))
  })

  if (codec === 0) continue

  test(`${name}: output up to the limit is allowed, and not one byte more`, () => {
    const packed = pack(codec, text)
    assert.equal(unpack(codec, packed, text.length).length, text.length)
    for (const limit of [text.length - 1, 100, 1]) {
      assert.throws(() => unpack(codec, packed, limit), {
        code: 'OCC_BATCH_TOO_LARGE',
        message: new RegExp(
          `batch at offset 7 of chain/3 .${name}. holds more than ${limit} bytes`,
        ),
      })
    }
  })

  test(`${name}: truncated or damaged data is rejected, and the message names the codec`, () => {
    const packed = pack(codec, text)
    for (const bytes of [
      Buffer.alloc(0),
      Buffer.from('no such thing'),
      packed.subarray(0, 3),
      packed.subarray(0, packed.length >> 1),
      packed.subarray(0, packed.length - 1),
    ]) {
      assert.throws(() => unpack(codec, bytes), {
        code: 'OCC_BATCH_CORRUPT',
        message: new RegExp(`batch at offset 7 of chain/3 is damaged: its ${name} data`),
      })
    }
  })
}

test('snappy in the framing of Java', () => {
  const packed = packXerial(text.subarray(0, 1_000), text.subarray(1_000))
  assert.ok(unpack(2, packed).equals(text))
  assert.throws(() => unpack(2, packed, text.length - 1), { code: 'OCC_BATCH_TOO_LARGE' })
  assert.throws(() => unpack(2, packed.subarray(0, 12)), { code: 'OCC_BATCH_CORRUPT' })
})

test('all zstd frames are read; Node alone stops after the first', () => {
  const frames = [text, Buffer.alloc(0), text].map((bytes) => zlib.zstdCompressSync(bytes))
  const packed = Buffer.concat(frames)
  assert.ok(unpack(4, packed).equals(Buffer.concat([text, text])))
  assert.throws(() => unpack(4, packed, 2 * text.length - 1), { code: 'OCC_BATCH_TOO_LARGE' })
  const trailing = Buffer.concat([packed, Buffer.from('rest')])
  assert.throws(() => unpack(4, trailing), { code: 'OCC_BATCH_CORRUPT' })
})

test('an unknown codec is named by its number', () => {
  for (const codec of [5, 6, 7]) {
    assert.throws(() => unpack(codec, text), {
      code: 'OCC_BATCH_CODEC',
      message: new RegExp(`compressed by codec ${codec}`),
    })
  }
})

test('a small batch that decompresses to 300 MB is rejected without allocating that', () => {
  const chunk = Buffer.alloc(1 << 20)
  for (const [codec, packed] of [
    [1, zlib.gzipSync(Buffer.alloc(80 << 20), { level: 1 })],
    [4, Buffer.concat(Array.from({ length: 300 }, () => zlib.zstdCompressSync(chunk)))],
    [4, zlib.zstdCompressSync(Buffer.alloc(300 << 20))],
  ] as const) {
    assert.ok(packed.length < 2 << 20)
    const before = process.memoryUsage().arrayBuffers
    assert.throws(() => unpack(codec, packed, 8 << 20), { code: 'OCC_BATCH_TOO_LARGE' })
    const taken = process.memoryUsage().arrayBuffers - before
    assert.ok(taken < 64 << 20, `${taken} bytes`)
  }
})
