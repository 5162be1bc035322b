import assert from 'node:assert/strict'
import test from 'node:test'
import { decodeText } from '../../../src/decode/text.ts'
import { OccError } from '../../../src/kernel/errors.ts'
import { createRandom } from '../../support/random.ts'

test('reads ASCII and every kind of character', () => {
  for (const text of [
    '',
    'ascii',
    'déjà vu',
    '日本語',
    '🚀 to the moon',
    '\u0000\u007f\u0080\uffff',
  ]) {
    assert.equal(decodeText(Buffer.from(text)), text)
  }
})

test('drops a byte order mark', () => {
  assert.equal(decodeText(Buffer.from('\ufeff{}')), '{}')
  assert.equal(decodeText(Buffer.from('\ufeff日本')), '日本')
})

test('refuses invalid UTF-8 with its position', () => {
  const wrong: ReadonlyArray<[string, number]> = [
    ['61ff62', 1],
    ['c3a9c3', 2],
    ['e697a5e697', 3],
    ['61c0af', 1], // overlong
    ['6161eda080', 2], // half a surrogate pair
    ['f4908080', 0], // beyond U+10FFFF
    ['8061', 0],
    ['f09f9a8061f09f9a', 5],
  ]
  for (const [hex, at] of wrong) {
    assert.throws(
      () => decodeText(Buffer.from(hex, 'hex')),
      (error) =>
        error instanceof OccError &&
        error.code === 'OCC_TEXT_INVALID_UTF8' &&
        error.message.includes(`byte ${at} of ${hex.length / 2}`),
      hex,
    )
  }
})

test('agrees with the platform on random bytes', () => {
  const random = createRandom(7)
  const strict = new TextDecoder('utf-8', { fatal: true })
  for (let round = 0; round < 20_000; round++) {
    const bytes = Buffer.concat([Buffer.from('aé日🚀'.slice(random(4))), random.bytes(random(4))])
    let expected: string | undefined
    try {
      expected = strict.decode(bytes)
    } catch {}
    if (expected === undefined) assert.throws(() => decodeText(bytes), OccError)
    else assert.equal(decodeText(bytes), expected)
  }
})
