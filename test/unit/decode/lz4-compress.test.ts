import assert from 'node:assert/strict'
import test from 'node:test'
import { decompressFrameSync } from 'lz4-napi'
import { lz4Codec } from '../../../src/decode/lz4-codec.ts'
import { createRandom } from './random.ts'

test('what is compressed is read by another reader and by ours, at every length', () => {
  const text = Buffer.from('{"Address":"CvEK6qvJhy9hQAZ77z","Amount":120270000},'.repeat(3))
  for (let length = 0; length <= text.length; length++) {
    const bytes = text.subarray(0, length)
    const frame = lz4Codec.compress(bytes)
    assert.ok(decompressFrameSync(frame).equals(bytes))
    assert.ok(lz4Codec.decompress(frame, 1_000).equals(bytes))
  }
})

test('bytes that do not shrink grow by little', () => {
  const noise = createRandom(3).bytes(200_000)
  const frame = lz4Codec.compress(noise)
  assert.ok(frame.length < noise.length + 100)
  assert.ok(decompressFrameSync(frame).equals(noise))
})

test('a repeating text shrinks', () => {
  const text = Buffer.from('{"Address":"CvEK6qvJhy9hQAZ77z","Amount":120270000},'.repeat(3_000))
  assert.ok(lz4Codec.compress(text).length < text.length / 20)
})

test('blocks are independent and have a checksum, as Kafka clients want them', () => {
  const frame = lz4Codec.compress(Buffer.from('x'))
  assert.equal(frame.readUInt8(4), 0b0110_0100)
})
