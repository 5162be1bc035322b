import assert from 'node:assert/strict'
import { test } from 'node:test'
import { crc32c } from '../../../../src/broker/batch/crc32c.ts'
import { createFolder } from '../../../../src/broker/batch/crc32c-fold.ts'
import { updateByTable } from '../../../../src/broker/batch/crc32c-table.ts'
import { createRandom } from '../../../support/random.ts'

/** The definition, bit by bit. */
function reference(bytes: Uint8Array): number {
  let remainder = 0xffffffff
  for (const byte of bytes) {
    remainder ^= byte
    for (let bit = 0; bit < 8; bit++) {
      remainder = remainder & 1 ? (remainder >>> 1) ^ 0x82f63b78 : remainder >>> 1
    }
  }
  return ~remainder >>> 0
}

function randomBytes(length: number, seed: number): Buffer {
  const random = createRandom(seed)
  return Buffer.from(Uint8Array.from({ length }, () => random(256)))
}

const counting = Uint8Array.from({ length: 32 }, (_, index) => index)
/** RFC 3720, B.4: an iSCSI read command. */
const command = Buffer.from(
  '01c00000000000000000000000000000140000000000040000000014000000182800000000000000020000000000' +
    '0000',
  'hex',
)

const vectors: ReadonlyArray<readonly [what: string, bytes: Uint8Array, sum: number]> = [
  ['nothing', Buffer.alloc(0), 0],
  ['the digits', Buffer.from('123456789'), 0xe3069283],
  ['32 zeros', Buffer.alloc(32), 0x8a9136aa],
  ['32 ones', Buffer.alloc(32, 0xff), 0x62a8ab43],
  ['32 ascending', counting, 0x46dd794e],
  ['32 descending', counting.toReversed(), 0x113fdb5c],
  ['an iSCSI command', command, 0xd9963a56],
]

for (const [what, bytes, sum] of vectors) {
  test(`known sum: ${what}`, () => {
    assert.equal(crc32c(bytes), sum)
    assert.equal(reference(bytes), sum)
  })
}

test('WebAssembly is used here', () => {
  assert.notEqual(createFolder(), null)
})

test('any length at any offset gives the checksum of the definition', () => {
  const bytes = randomBytes(3_000, 1)
  for (let length = 0; length < 1_500; length += 7) {
    const from = (length * 13) % 1_500
    const expected = reference(bytes.subarray(from, from + length))
    assert.equal(crc32c(bytes, from, from + length), expected, `${length} bytes at ${from}`)
    assert.equal(crc32c(bytes.subarray(from, from + length)), expected)
    assert.equal(~updateByTable(-1, bytes, from, from + length) >>> 0, expected)
  }
})

test("more bytes than fit into the module's memory", () => {
  const bytes = randomBytes(300_000, 2)
  for (const length of [64_511, 64_512, 64_513, 129_024, 129_025, 299_999]) {
    assert.equal(crc32c(bytes, 1, 1 + length), reference(bytes.subarray(1, 1 + length)))
  }
})

test('every single bit changes the checksum', () => {
  const bytes = randomBytes(1_000, 3)
  const sum = crc32c(bytes)
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7))
    assert.notEqual(crc32c(bytes), sum, `bit ${bit}`)
    bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7))
  }
  assert.equal(crc32c(bytes), sum)
})
