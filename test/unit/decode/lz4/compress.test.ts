import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import test from 'node:test'
import { decompressFrameSync } from 'lz4-napi'
import { lz4Codec } from '../../../../src/decode/lz4/codec.ts'
import { createRandom } from '../../../support/random.ts'
import { dictionaryText, endings } from '../../../support/records/lz4-contents.ts'

function readByAll(content: Buffer): Buffer {
  const frame = lz4Codec.compress(content)
  assert.ok(decompressFrameSync(frame).equals(content))
  assert.ok(lz4Codec.decompress(frame, content.length).equals(content))
  return frame
}

test('another reader and ours read the compressed bytes, at every length', () => {
  const text = Buffer.from('{"Address":"CvEK6qvJhy9hQAZ77z","Amount":120270000},'.repeat(3))
  for (let length = 0; length <= text.length; length++) readByAll(text.subarray(0, length))
})

test('a full block may end in any way', () => {
  for (const content of endings()) {
    const frame = readByAll(content)
    assert.ok(frame.length < content.length / 10, 'it was compressed, not stored')
  }
})

test('each block starts fresh, without history of the previous one', () => {
  const random = createRandom(5)
  const half = Buffer.from('{"Signature":"5wHu1qwD7q4"},'.repeat(2_000))
  for (let round = 0; round < 20; round++) {
    const noise = random.bytes(60_000 + random(10_000))
    readByAll(Buffer.concat([half, noise, half, noise, half].slice(round % 3)))
  }
})

test('incompressible bytes grow by little', () => {
  const noise = createRandom(3).bytes(200_000)
  const frame = readByAll(noise)
  assert.ok(frame.length < noise.length + 100)
})

test('a repeating text shrinks', () => {
  const text = Buffer.from('{"Address":"CvEK6qvJhy9hQAZ77z","Amount":120270000},'.repeat(3_000))
  assert.ok(lz4Codec.compress(text).length < text.length / 20)
})

test('blocks are independent and have a checksum, as Kafka clients require', () => {
  const frame = lz4Codec.compress(Buffer.from('x'))
  assert.equal(frame.readUInt8(4), 0b0110_0100)
})

const hasProgram = spawnSync('lz4', ['--version']).status === 0

test('the lz4 program reads it', { skip: !hasProgram && 'no lz4 on the PATH' }, () => {
  const texts = Array.from({ length: 20 }, (_, seed) => Buffer.from(dictionaryText(seed, 300_000)))
  const contents = [Buffer.alloc(0), createRandom(9).bytes(150_000), ...endings(), ...texts]
  const frames = contents.map((content) => lz4Codec.compress(content))
  const input = Buffer.concat(frames)
  const { status, stdout, stderr } = spawnSync('lz4', ['-dc'], { input, maxBuffer: 2 ** 26 })
  assert.equal(status, 0, String(stderr))
  assert.ok(stdout.equals(Buffer.concat(contents)))
})
