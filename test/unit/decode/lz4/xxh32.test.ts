import assert from 'node:assert/strict'
import test from 'node:test'
import { xxh32 } from '../../../../src/decode/lz4/xxh32.ts'

const hash = (text: string, before = 0) => {
  const bytes = Buffer.from(`${' '.repeat(before)}${text}`)
  return xxh32(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), before, bytes.length)
}

test('gives the published values', () => {
  assert.equal(hash(''), 0x02cc5d05)
  assert.equal(hash('a'), 0x550d7456)
  assert.equal(hash('abc'), 0x32d153ff)
  assert.equal(hash('Nobody inspects the spammish repetition'), 0xe2293b2f)
})

test('does not depend on the position of the bytes in memory', () => {
  for (let before = 0; before < 9; before++) {
    assert.equal(hash('Nobody inspects the spammish repetition', before), 0xe2293b2f)
  }
})
