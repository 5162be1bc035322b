import assert from 'node:assert/strict'
import test from 'node:test'
import { bigEndian } from '../../../../src/decode/streams/message-fields.ts'

test('an amount of any length is exact, whatever its bytes are', () => {
  for (let length = 0; length <= 32; length++) {
    const rising = Buffer.from(Array.from({ length }, (_, at) => 200 + at))
    for (const bytes of [rising, Buffer.alloc(length), Buffer.alloc(length, 255)]) {
      const amid = Buffer.concat([Buffer.of(7), bytes, Buffer.of(9)])
      assert.equal(bigEndian(amid, 1, 1 + length), BigInt(`0x0${bytes.toString('hex')}`))
    }
  }
  assert.throws(() => bigEndian(Buffer.alloc(33), 0, 33), /an amount of 33 bytes/)
})
