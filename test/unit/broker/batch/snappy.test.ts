import assert from 'node:assert/strict'
import { test } from 'node:test'
import SnappyJS from 'snappyjs'
import { decompressSnappy } from '../../../../src/broker/batch/snappy.ts'
import { packXerial } from '../../../support/records/record-batches.ts'

const MAX = 1 << 20
const first = Buffer.from('a block that repeats a block that repeats')
const second = Buffer.from('and another one')

test('bare snappy is read', () => {
  assert.deepEqual(decompressSnappy(SnappyJS.compress(first), MAX), first)
})

test('the framing of the Java producer is read, of any number of blocks', () => {
  assert.deepEqual(decompressSnappy(packXerial(first, second), MAX), Buffer.concat([first, second]))
  assert.deepEqual(decompressSnappy(packXerial(), MAX), Buffer.alloc(0))
})

test('a batch truncated anywhere inside a block is an error, never a shorter batch', () => {
  const whole = packXerial(first, second)
  const afterFirst = packXerial(first).length
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
  const broken = packXerial(first)
  broken.writeInt32BE(-5, 16)
  assert.throws(() => decompressSnappy(broken, MAX), { code: 'OCC_SNAPPY_TRUNCATED' })
})
