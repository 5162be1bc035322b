import assert from 'node:assert/strict'
import { test } from 'node:test'
import SnappyJS from 'snappyjs'
import { decompressBlock } from '../../../../src/broker/batch/snappy-block.ts'
import { createRandom } from '../../../support/random.ts'

const MAX = 1 << 20
/** Literals of all sizes, near and far copies, and repetitions that overlap themselves. */
const samples = [
  Buffer.alloc(0),
  Buffer.from('x'),
  Buffer.alloc(5_000, 'a'),
  Buffer.alloc(5_000, 'abc'),
  Buffer.from(Array.from({ length: 3_000 }, (_, index) => `${index * 7919},`).join('')),
  Buffer.from(Array.from({ length: 70_000 }, (_, index) => (index * index * 31 + index) >> 3)),
]

for (const [index, sample] of samples.entries()) {
  test(`sample ${index}: ${sample.length} bytes round-trip`, () => {
    assert.ok(decompressBlock(SnappyJS.compress(sample), MAX).equals(sample))
  })
}

test('a block truncated anywhere is an error, never zeros for the missing part', () => {
  const whole = SnappyJS.compress(Buffer.from('a block that repeats a block that repeats, once'))
  for (let length = 0; length < whole.length; length++) {
    const code = 'OCC_SNAPPY_TRUNCATED'
    assert.throws(() => decompressBlock(whole.subarray(0, length), MAX), { code }, `at ${length}`)
  }
})

test('meaningless bytes are an error', () => {
  const corrupt = { code: 'OCC_SNAPPY_CORRUPT' }
  // Length 4; a copy from before the beginning.
  assert.throws(() => decompressBlock(Buffer.from([4, 0b0000_0001, 1]), MAX), corrupt)
  // Length 1; a literal of two.
  assert.throws(() => decompressBlock(Buffer.from([1, 0b0000_0100, 65, 66]), MAX), corrupt)
  // A length that does not end.
  assert.throws(() => decompressBlock(Buffer.alloc(8, 0xff), MAX), corrupt)
})

test('a block that declares more than the limit is rejected before memory is allocated', () => {
  const block = SnappyJS.compress(Buffer.alloc(2_000, 'a'))
  assert.throws(() => decompressBlock(block, 1_999), { code: 'OCC_SNAPPY_TOO_LARGE' })
})

test('a block that declares more than its bytes can produce is rejected at once', () => {
  const block = Buffer.concat([Buffer.from([0xff, 0xff, 0xff, 0x7f]), Buffer.alloc(100)])
  assert.throws(() => decompressBlock(block, 1 << 28), { code: 'OCC_SNAPPY_TRUNCATED' })
})

test('runs of every length, at every distance that overlaps or does not', () => {
  for (let distance = 1; distance < 20; distance++) {
    for (const length of [4, 7, 8, 9, 15, 16, 17, 63, 64]) {
      const start = Buffer.from(Array.from({ length: distance }, (_, index) => 65 + index))
      // The start as literals, then a copy with a two-byte offset.
      const copy = [((length - 1) << 2) | 2, distance, 0]
      const block = Buffer.from([distance + length, (distance - 1) << 2, ...start, ...copy])
      const expected = Buffer.alloc(distance + length)
      for (let at = 0; at < expected.length; at++) expected[at] = 65 + (at % distance)
      assert.equal(String(decompressBlock(block, MAX)), String(expected), `${length} ${distance}`)
    }
  }
})

test('mixed content compressed by snappyjs round-trips, at any length', () => {
  const random = createRandom(8)
  for (let round = 0; round < 200; round++) {
    const words = Array.from({ length: random(200) }, () =>
      random(3) === 0 ? String(random(1_000_000)) : 'transaction'.slice(0, random(12)),
    )
    const sample = Buffer.from(words.join(''))
    assert.ok(decompressBlock(SnappyJS.compress(sample), MAX).equals(sample), `round ${round}`)
  }
})
