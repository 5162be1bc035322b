import { OccError } from '../../kernel/errors.ts'
import type { TopicPartition } from '../../kernel/shapes/record.ts'
import type { BatchDamage } from '../types.ts'
import { codecName } from './codec-names.ts'
import {
  type BatchHeader,
  corrupt,
  describeBatch,
  HEADER_BYTES,
  LENGTH_END,
  MAGIC_AT,
  readHeader,
  readInt64,
} from './header.ts'

export interface ScannedBatch {
  readonly header: BatchHeader
  /** A slice of the answer: the whole batch, including the header. */
  readonly bytes: Buffer
}

/** The complete batches of one partition in an answer, and what comes after them. */
export interface Scan {
  readonly batches: readonly ScannedBatch[]
  readonly end: ScanEnd
}

export type ScanEnd =
  /** The end of the answer. A truncated last batch comes again with the next fetch. */
  | { readonly kind: 'end' }
  /** Even the first batch is truncated: it needs a fetch of this many bytes of the partition. */
  | { readonly kind: 'cut'; readonly bytes: number }
  /** The next batch cannot be read; this is what is known about it. */
  | { readonly kind: 'damaged'; readonly damage: BatchDamage }
  /** What follows is not a batch, so it is not known where the next one begins. */
  | { readonly kind: 'unreadable'; readonly error: OccError }

/**
 * Splits the `records` bytes of one partition in a fetch answer into batches, without decoding
 * records.
 */
export function scanBatches(place: TopicPartition, records: Buffer): Scan {
  const batches: ScannedBatch[] = []
  let at = 0
  let expected = 0
  const ended = (end: ScanEnd): Scan => ({ batches, end })
  const unreadable = (error: OccError) => ended({ kind: 'unreadable', error })

  while (records.length - at > MAGIC_AT) {
    const offset = readInt64(records, at)
    if (!Number.isSafeInteger(offset) || offset < 0) {
      return unreadable(offsetRange(place, records.readBigInt64BE(at)))
    }
    const length = records.readInt32BE(at + LENGTH_END - 4)
    const bytes = LENGTH_END + length
    const isWhole = bytes <= records.length - at
    const magic = records.readInt8(at + MAGIC_AT)
    if (length < MAGIC_AT + 1 - LENGTH_END) {
      return unreadable(corrupt(place, offset, `its header gives a length of ${length} bytes`))
    }
    if (!isWhole) return ended(batches.length > 0 ? { kind: 'end' } : { kind: 'cut', bytes })
    const raw = records.subarray(at, at + bytes)
    if (magic !== 2) {
      return ended({ kind: 'damaged', damage: wrongFormat(place, offset, magic, raw) })
    }
    if (bytes < HEADER_BYTES) {
      return unreadable(corrupt(place, offset, `its header gives a length of ${length} bytes`))
    }
    const header = readHeader(records, at)
    const lost = whyLost(header, expected)
    if (lost !== null) return unreadable(corrupt(place, offset, lost))
    const { count, lastOffset, lastOffsetDelta } = header
    if (count < 0 || count > lastOffsetDelta + 1) {
      const what = `its header counts ${count} records from its first offset to ${lastOffset}`
      const damage = damageOf(header, raw, corrupt(place, offset, what))
      return ended({ kind: 'damaged', damage })
    }
    batches.push({ header, bytes: raw })
    expected = lastOffset + 1
    at += bytes
  }
  // The next header is truncated before its magic byte.
  const left = records.length - at
  if (left === 0 || batches.length > 0) return ended({ kind: 'end' })
  return ended({ kind: 'cut', bytes: HEADER_BYTES })
}

/** Checks the fields that determine which offset follows the batch. */
function whyLost(header: BatchHeader, expected: number): string | null {
  const { baseOffset, lastOffsetDelta, lastOffset } = header
  if (baseOffset < expected) return `it begins below the end of the previous one, ${expected}`
  if (lastOffsetDelta < 0) return `its last offset is ${lastOffsetDelta} after its first`
  if (!Number.isSafeInteger(lastOffset + 1)) return `its last offset is ${lastOffset}`
  return null
}

/** The damage of a batch that cannot be read, as far as its header tells. */
export function damageOf(header: BatchHeader, raw: Buffer, error: OccError): BatchDamage {
  const { baseOffset, lastOffset } = header
  return { error, codec: codecName(header.codec), firstOffset: baseOffset, lastOffset, raw }
}

function offsetRange(place: TopicPartition, offset: bigint): OccError {
  return new OccError(
    'OCC_OFFSET_RANGE',
    `${place.topic}/${place.partition} has a batch at offset ${offset}, but offsets are 0 to 2^53: ` +
      'the answer of the broker is damaged.',
  )
}

/** A message set from before Kafka 0.11, or a format newer than this reader. */
function wrongFormat(
  place: TopicPartition,
  offset: number,
  magic: number,
  raw: Buffer,
): BatchDamage {
  const isOld = magic === 0 || magic === 1
  const error = new OccError(
    'OCC_BATCH_FORMAT',
    isOld
      ? `${describeBatch(place, offset)} has message format v${magic}: it was written by a producer ` +
          'or broker older than Kafka 0.11, and only format v2 is read. Remedy: let retention ' +
          'delete such old records, or copy the topic with a tool that reads them (a current Kafka ' +
          'broker converts what it takes in) and consume the copy.'
      : `${describeBatch(place, offset)} has message format v${magic}, and only v2 is known. ` +
          'Remedy: fetch it from a broker that serves v2; or the batch is damaged.',
  )
  // The offset of such a set is that of its last message, and the attributes follow the magic byte.
  const attributes = raw[MAGIC_AT + 1] ?? 0
  const codec = isOld ? codecName(attributes & 0b111) : 'unknown'
  return { error, codec, firstOffset: offset, lastOffset: offset, raw }
}
