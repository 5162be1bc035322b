import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readControlType } from '../../../../src/broker/batch/fetched-batch.ts'
import { type BatchHeader, verifyCrc } from '../../../../src/broker/batch/header.ts'
import { scanBatches } from '../../../../src/broker/batch/scan.ts'
import { OccError } from '../../../../src/kernel/errors.ts'
import type { KafkaRecord } from '../../../../src/kernel/shapes/record.ts'
import { createRandom } from '../../../support/random.ts'
import {
  CODECS,
  sealed,
  varint,
  writeBatch,
  writeMarker,
} from '../../../support/records/record-batches.ts'
import { fetched, options, place } from './reading.ts'

const ROUNDS = 500

const records = Array.from({ length: 12 }, (_, index) => ({
  offset: 1_000 + index * 3,
  key: index % 2 === 0 ? `key ${index}` : null,
  value: index % 5 === 0 ? null : 'value '.repeat(index * index),
  headers:
    index % 3 === 0
      ? ([
          ['a', 'x'],
          ['a', null],
        ] as const)
      : [],
}))

const expectedCodes: ReadonlySet<string> = new Set([
  'OCC_BATCH_CORRUPT',
  'OCC_BATCH_CODEC',
  'OCC_BATCH_TOO_LARGE',
])

/** Every record is one that could have been written, at an offset that the batch answers for. */
function assertWellFormed(read: readonly KafkaRecord[], header: BatchHeader): void {
  assert.ok(read.length <= header.count)
  let before = header.baseOffset - 1
  for (const { offset, timestamp, key, value, headers } of read) {
    assert.ok(offset > before && offset <= header.lastOffset)
    before = offset
    assert.ok(Number.isFinite(timestamp))
    for (const each of [key, value]) assert.ok(each === null || Buffer.isBuffer(each))
    for (const each of Object.values(headers ?? {})) {
      for (const one of [each].flat()) assert.ok(one === null || Buffer.isBuffer(one))
    }
  }
}

/** Reads what is left of a batch; nothing but our own errors may come of it. */
function tryRead(bytes: Buffer): void {
  const { batches, end } = scanBatches(place, bytes)
  if (end.kind === 'unreadable') assert.ok(end.error instanceof OccError)
  for (const { header, bytes: raw } of batches) {
    try {
      assertWellFormed(fetched(raw).read(), header)
      if (header.isControl) readControlType(header, raw, place, options)
    } catch (error) {
      if (!(error instanceof OccError)) throw error
      assert.ok(expectedCodes.has(error.code), error.code)
    }
  }
}

for (const [codec, name] of CODECS.entries()) {
  const whole = writeBatch({ baseOffset: 1_000, records, codec })
  const random = createRandom(codec + 1)

  test(`${name}: ${ROUNDS} batches with flipped bits: each fails its CRC, and is read or rejected`, () => {
    const header = scanBatches(place, whole).batches[0]?.header
    assert.ok(header)
    for (let round = 0; round < ROUNDS; round++) {
      const bytes = Buffer.from(whole)
      // Up to three bits: the polynomial lets none of these go unseen, in batches of any size.
      for (let flips = 1 + random(3); flips > 0; flips--) {
        const at = 21 + random(bytes.length - 21)
        bytes[at] = (bytes[at] as number) ^ (1 << random(8))
      }
      if (bytes.equals(whole)) continue
      assert.equal(verifyCrc(header, bytes), false)
      tryRead(bytes)
    }
  })

  test(`${name}: bits flipped in the header, cuts, and bytes moved`, () => {
    for (let round = 0; round < ROUNDS; round++) {
      const bytes = Buffer.from(whole)
      const at = random(61)
      bytes[at] = (bytes[at] as number) ^ (1 << random(8))
      tryRead(bytes)
      const length = 61 + random(whole.length - 61)
      const cut = Buffer.from(whole.subarray(0, length))
      cut.writeInt32BE(length - 12, 8)
      tryRead(cut)
      const moved = Buffer.from(whole)
      const from = 61 + random(whole.length - 61)
      moved.copy(moved, 61 + random(whole.length - 61), from, from + random(20))
      tryRead(moved)
    }
  })
}

test('a truncated batch that claims to be complete never reads as fewer records', () => {
  for (const codec of CODECS.keys()) {
    const whole = writeBatch({ baseOffset: 1_000, records, codec })
    for (let length = 61; length < whole.length; length++) {
      const cut = Buffer.from(whole.subarray(0, length))
      cut.writeInt32BE(length - 12, 8)
      const batch = fetched(sealed(cut))
      assert.throws(() => batch.read(), { code: 'OCC_BATCH_CORRUPT' }, `codec ${codec}, ${length}`)
    }
  }
})

test('bodies of random numbers, which look more like records than random bytes do', () => {
  const random = createRandom(99)
  let refused = 0
  for (let round = 0; round < 5_000; round++) {
    const numbers = Array.from({ length: 1 + random(30) }, () =>
      varint(random(8) === 0 ? random(2 ** 31) - 2 ** 30 : random(14) - 2),
    )
    const body = Buffer.concat(numbers)
    const count = random(4)
    const header = { body, count, lastOffsetDelta: 3 + random(10) }
    const batch = fetched(writeBatch(header))
    try {
      assertWellFormed(batch.read(), batch.header)
    } catch (error) {
      if (!(error instanceof OccError)) throw error
      assert.equal(error.code, 'OCC_BATCH_CORRUPT')
      refused++
    }
  }
  assert.ok(refused > 3_000)
})

test('flipped bits in a marker', () => {
  const random = createRandom(5)
  const whole = writeMarker('abort', 9n, 50)
  for (let round = 0; round < ROUNDS; round++) {
    const bytes = Buffer.from(whole)
    const at = random(bytes.length)
    bytes[at] = (bytes[at] as number) ^ (1 << random(8))
    tryRead(bytes)
  }
})
