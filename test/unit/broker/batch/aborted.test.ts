import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  AbortedFilter,
  type AbortedTransaction,
  type ControlType,
} from '../../../../src/broker/batch/aborted.ts'
import { readControlType } from '../../../../src/broker/batch/fetched-batch.ts'
import { scanBatches } from '../../../../src/broker/batch/scan.ts'
import { createRandom } from '../../../support/random.ts'
import {
  type BatchToWrite,
  writeBatch,
  writeMarker,
} from '../../../support/records/record-batches.ts'
import { options, place } from './reading.ts'

/** Base offsets of the batches that the filter keeps out. */
function abortedOf(bytes: Buffer, entries: readonly AbortedTransaction[]): number[] {
  const filter = new AbortedFilter(entries)
  const { batches, end } = scanBatches(place, bytes)
  assert.equal(end.kind, 'end')
  return batches
    .filter(({ header, bytes: raw }) =>
      filter.isAborted(header, () => readControlType(header, raw, place, options)),
    )
    .map(({ header }) => header.baseOffset)
}

function batch(baseOffset: number, producerId: bigint, more: BatchToWrite = {}): Buffer {
  return writeBatch({ baseOffset, producerId, transactional: true, records: [{}], ...more })
}

test('aborted from the first offset of an entry to the marker of its producer', () => {
  const bytes = Buffer.concat([
    batch(0, 1n),
    writeMarker('commit', 1n, 1),
    batch(2, 1n),
    batch(3, 2n),
    writeMarker('commit', 2n, 4),
    batch(5, 1n),
    batch(6, 1n, { transactional: false }),
    writeMarker('abort', 1n, 7),
    batch(8, 1n),
    batch(9, 1n),
    writeMarker('abort', 1n, 10),
    batch(11, 1n),
  ])
  const entries = [
    { producerId: 1n, firstOffset: 8 },
    { producerId: 1n, firstOffset: 2 },
  ]
  assert.deepEqual(abortedOf(bytes, entries), [2, 5, 8, 9])
  assert.deepEqual(abortedOf(bytes, []), [])
})

test('a transaction that began before what was fetched', () => {
  const bytes = Buffer.concat([batch(50, 7n), writeMarker('abort', 7n, 51), batch(52, 7n)])
  assert.deepEqual(abortedOf(bytes, [{ producerId: 7n, firstOffset: 3 }]), [50])
})

test('only a batch with the control flag is a marker, whatever the keys of other records', () => {
  const records = [{ key: Buffer.from([0, 0, 0, 0]) }]
  const bytes = Buffer.concat([batch(0, 1n, { records }), batch(1, 1n)])
  assert.deepEqual(abortedOf(bytes, [{ producerId: 1n, firstOffset: 0 }]), [0, 1])
})

test('control records that are not markers, and emptied ones, end no transaction', () => {
  const control = { control: true }
  const bytes = Buffer.concat([
    batch(0, 1n),
    batch(1, 1n, { ...control, records: [{ key: Buffer.from([0, 0, 0, 2]) }] }),
    batch(2, 1n, { ...control, records: [] }),
    batch(3, 1n),
    batch(4, 1n, { ...control, records: [{ key: Buffer.from([0, 9, 0, 0, 1, 2, 3]) }] }),
    batch(5, 1n),
  ])
  assert.deepEqual(abortedOf(bytes, [{ producerId: 1n, firstOffset: 0 }]), [0, 3])
})

test('a control record without a type is damage, never a guess', () => {
  const bytes = Buffer.concat([
    batch(0, 1n),
    batch(1, 1n, { control: true, records: [{ key: Buffer.from([0, 0, 0]) }] }),
  ])
  assert.throws(() => abortedOf(bytes, [{ producerId: 1n, firstOffset: 0 }]), {
    code: 'OCC_BATCH_CORRUPT',
  })
})

test('markers of producers without aborted transactions are not read', () => {
  const filter = new AbortedFilter([{ producerId: 1n, firstOffset: 0 }])
  const [marker] = scanBatches(place, writeMarker('abort', 2n, 5)).batches
  assert.ok(marker)
  assert.equal(
    filter.isAborted(marker.header, () => assert.fail('read')),
    false,
  )
})

/** One batch of a log, and by whom. */
interface Written {
  readonly bytes: Buffer
  readonly offset: number
  readonly transaction: Transaction | null
}

interface Transaction {
  readonly producerId: bigint
  readonly firstOffset: number
  end: number
  outcome: ControlType
}

/** Producers that take turns at random, each with a transaction open or not. */
function randomLog(random: (below: number) => number) {
  const open = new Map<bigint, Transaction>()
  const all: Transaction[] = []
  const log: Written[] = []
  let offset = random(100)
  for (let step = 0; step < 60; step++) {
    const producerId = BigInt(random(5))
    let transaction = open.get(producerId) ?? null
    if (random(6) === 0) {
      // Not transactional: of a producer that never is.
      const records = [{ value: 'x' }]
      const bytes = writeBatch({ baseOffset: offset, producerId: 100n + producerId, records })
      log.push({ bytes, offset, transaction: null })
    } else if (transaction !== null && random(3) === 0) {
      const outcome = random(2) === 0 ? 'abort' : 'commit'
      Object.assign(transaction, { outcome, end: offset })
      open.delete(producerId)
      log.push({ bytes: writeMarker(outcome, producerId, offset), offset, transaction: null })
    } else {
      if (transaction === null) {
        transaction = {
          producerId,
          firstOffset: offset,
          end: Number.POSITIVE_INFINITY,
          outcome: null,
        }
        open.set(producerId, transaction)
        all.push(transaction)
      }
      const count = 1 + random(3)
      // Some were emptied, or lost records, by compaction.
      const records = Array.from({ length: random(4) === 0 ? random(count) : count }, () => ({}))
      const bytes = batch(offset, producerId, { records, lastOffsetDelta: count - 1 })
      log.push({ bytes, offset, transaction })
      offset += count - 1
    }
    offset += 1 + (random(5) === 0 ? random(4) : 0)
  }
  return { log, all }
}

test('200 random logs, read from anywhere, agree with what the producers did', () => {
  const random = createRandom(20)
  for (let round = 0; round < 200; round++) {
    const { log, all } = randomLog(random)
    // Readers of what is committed get nothing from the first open transaction on.
    const stable = Math.min(
      ...all.filter(({ outcome }) => outcome === null).map(({ firstOffset }) => firstOffset),
    )
    const start = random(log.length)
    const fetched = log
      .slice(start, start + 1 + random(log.length))
      .filter(({ offset }) => offset < stable)
    const [first] = fetched
    const last = fetched.at(-1)
    if (first === undefined || last === undefined) continue
    const entries = all.filter(
      ({ outcome, firstOffset, end }) =>
        outcome === 'abort' && firstOffset <= last.offset && end >= first.offset,
    )
    const shuffled = entries
      .map((entry) => ({ entry, order: random(1_000_000) }))
      .sort((one, other) => one.order - other.order)
      .map(({ entry }) => entry)
    const expected = fetched
      .filter(({ transaction }) => transaction?.outcome === 'abort')
      .map(({ offset }) => offset)
    const bytes = Buffer.concat(fetched.map(({ bytes }) => bytes))
    assert.deepEqual(abortedOf(bytes, shuffled), expected, `round ${round}`)
  }
})
