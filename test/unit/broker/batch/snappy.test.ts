import assert from 'node:assert/strict'
import { test } from 'node:test'
import SnappyJS from 'snappyjs'
import { decompressSnappy } from '../../../../src/broker/batch/snappy.ts'

const MAX = 1 << 20
const first = Buffer.from('a block that repeats a block that repeats')
const second = Buffer.from('and another one')

/** As snappy-java frames it: magic, two version numbers, then length and block, again and again. */
function xerial(...blocks: readonly Buffer[]): Buffer {
  const header = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1])
  const framed = blocks.flatMap((block) => {
    const compressed = SnappyJS.compress(block)
    const length = Buffer.alloc(4)
    length.writeInt32BE(compressed.length)
    return [length, compressed]
  })
  return Buffer.concat([header, ...framed])
}

test('bare snappy is read', () => {
  assert.deepEqual(decompressSnappy(SnappyJS.compress(first), MAX), first)
})

test('the framing of the Java producer is read, of any number of blocks', () => {
  assert.deepEqual(decompressSnappy(xerial(first, second), MAX), Buffer.concat([first, second]))
  assert.deepEqual(decompressSnappy(xerial(), MAX), Buffer.alloc(0))
})

test('a batch cut anywhere inside a block is an error, never a shorter batch', () => {
  const whole = xerial(first, second)
  const afterFirst = xerial(first).length
  for (let length = 17; length < whole.length; length++) {
    if (length === afterFirst) continue
    assert.throws(
      () => decompressSnappy(whole.subarray(0, length), MAX),
      { code: 'OCC_SNAPPY_TRUNCATED' },
      `cut at ${length}`,
    )
  }
})

test('a negative length is an error', () => {
  const broken = xerial(first)
  broken.writeInt32BE(-5, 16)
  assert.throws(() => decompressSnappy(broken, MAX), { code: 'OCC_SNAPPY_TRUNCATED' })
})
