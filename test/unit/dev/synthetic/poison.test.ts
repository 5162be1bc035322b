import assert from 'node:assert/strict'
import test from 'node:test'
import { decompressFrameSync } from 'lz4-napi'
import type { PoisonKind, Stream, SyntheticMessage } from '../../../../dev/synthetic/types.ts'
import { make } from './helpers.ts'

const magic = 0x184d2204

/** Poison of one kind in several sizes, so that frames of several blocks are among it. */
function poisoned(poisonKind: PoisonKind, stream: Stream, lz4Share: number): SyntheticMessage[] {
  return [1000, 3600, 200_000].flatMap((messageBytes, round) =>
    make(
      { seed: round, stream, messageBytes, lz4Share, poisonShare: 1, poisonKinds: [poisonKind] },
      round === 2 ? 20 : 200,
    ),
  )
}

for (const stream of ['solana', 'tron'] as const) {
  test(`${stream}: a truncated frame begins as a frame and cannot be decompressed`, () => {
    for (const { value, kind, events } of poisoned('truncated-frame', stream, 0.5)) {
      assert.equal(kind, 'truncated-frame')
      assert.equal(events, 0)
      assert.equal(value.readUInt32LE(0), magic)
      // 0 is the end mark: it must not be there.
      assert.notEqual(value.readUInt32LE(value.length - 4), 0)
      assert.throws(() => decompressFrameSync(value))
    }
  })

  test(`${stream}: a flipped bit makes a frame that only fails its checks`, () => {
    for (const { value } of poisoned('bit-flip', stream, 0.5)) {
      assert.equal(value.readUInt32LE(0), magic)
      assert.equal((value[4] ?? 0) & 4, 4, 'no content checksum to tell by')
      assert.throws(() => decompressFrameSync(value))
    }
  })

  test(`${stream}: invalid UTF-8 passes a lenient reader and no strict one`, () => {
    for (const { value, lz4 } of poisoned('invalid-utf8', stream, 0.5)) {
      const bytes = lz4 ? decompressFrameSync(value) : value
      assert.throws(() => new TextDecoder('utf-8', { fatal: true }).decode(bytes))
      assert.match(JSON.stringify(JSON.parse(bytes.toString())), /\uFFFD/)
    }
  })

  test(`${stream}: broken JSON is proper UTF-8 that does not parse`, () => {
    for (const { value, lz4 } of poisoned('broken-json', stream, 0.5)) {
      const bytes = lz4 ? decompressFrameSync(value) : value
      const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
      assert.match(text, /^\[\{"Block":/)
      assert.throws(() => JSON.parse(text), SyntaxError)
    }
  })
}

test('an LZ4 bomb is 19 bytes that declare 200 MB', () => {
  for (const { value } of poisoned('lz4-bomb', 'solana', 0)) {
    assert.equal(value.length, 19)
    assert.equal(value.readUInt32LE(0), magic)
    assert.equal(value.readBigUInt64LE(6), 200_000_000n)
    // Not the header is at fault (its checksum is right): the content is not what it announces.
    assert.throws(() => decompressFrameSync(value), /ContentLengthError/)
  }
})

test('the requested kinds occur equally often, and no others', () => {
  const poisonKinds: PoisonKind[] = ['broken-json', 'lz4-bomb']
  const messages = make({ seed: 1, stream: 'solana', poisonShare: 1, poisonKinds }, 1000)
  const broken = messages.filter(({ kind }) => kind === 'broken-json').length
  const bombs = messages.filter(({ kind }) => kind === 'lz4-bomb').length
  assert.equal(broken + bombs, 1000)
  assert.ok(broken > 400 && bombs > 400)
})
