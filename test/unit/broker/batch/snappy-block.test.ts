import assert from 'node:assert/strict'
import { test } from 'node:test'
import SnappyJS from 'snappyjs'
import { decompressBlock } from '../../../../src/broker/batch/snappy-block.ts'

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
  test(`sample ${index}: ${sample.length} bytes come back`, () => {
    assert.ok(decompressBlock(SnappyJS.compress(sample), MAX).equals(sample))
  })
}

test('a block cut anywhere is an error: never zeros in the place of what is missing', () => {
  const whole = SnappyJS.compress(Buffer.from('a block that repeats a block that repeats, once'))
  for (let length = 0; length < whole.length; length++) {
    const code = 'OCC_SNAPPY_TRUNCATED'
    assert.throws(() => decompressBlock(whole.subarray(0, length), MAX), { code }, `at ${length}`)
  }
})

test('bytes that mean nothing are an error', () => {
  const corrupt = { code: 'OCC_SNAPPY_CORRUPT' }
  // Length 4; a copy from before the beginning.
  assert.throws(() => decompressBlock(Buffer.from([4, 0b0000_0001, 1]), MAX), corrupt)
  // Length 1; a literal of two.
  assert.throws(() => decompressBlock(Buffer.from([1, 0b0000_0100, 65, 66]), MAX), corrupt)
  // A length that does not end.
  assert.throws(() => decompressBlock(Buffer.alloc(8, 0xff), MAX), corrupt)
})

test('a block that declares more than the limit is refused before any memory is taken', () => {
  const block = SnappyJS.compress(Buffer.alloc(2_000, 'a'))
  assert.throws(() => decompressBlock(block, 1_999), { code: 'OCC_SNAPPY_TOO_LARGE' })
})
