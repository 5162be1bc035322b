import { type OccError, toOccError } from '../../kernel/errors.ts'
import type { TopicPartition } from '../../kernel/shapes/record.ts'
import { AbortedFilter } from '../batch/aborted.ts'
import type { Lz4 } from '../batch/decompress.ts'
import { createMarker, FetchedBatch, readControlType } from '../batch/fetched-batch.ts'
import {
  type BatchHeader,
  corrupt,
  HEADER_BYTES,
  MAGIC_AT,
  readHeader,
  verifyCrc,
} from '../batch/header.ts'
import { damageOf, type ScanEnd, type ScannedBatch, scanBatches } from '../batch/scan.ts'
import { ResponseMemory } from '../connection/response-memory.ts'
import type { FetchedPartition } from '../protocol/index.ts'
import type { BatchDamage, RecordBatch } from '../types.ts'
import type { EpochStart } from './fetch-state.ts'

/** Settings for reading batches. */
export interface BatchReader {
  readonly checkCrcs: boolean
  readonly maxBatchBytes: number
  readonly readUncommitted: boolean
  readonly lz4: Lz4
}

/** A partition and the offset that was requested. */
export interface Place extends TopicPartition {
  readonly position: number
}

/** A batch that cannot be read. `damage` is null if not even its end is known. */
export interface Damaged {
  readonly error: OccError
  readonly damage: BatchDamage | null
}

export interface Taken {
  /** From the position on, without a gap. Batches without records for us only move the position. */
  readonly batches: readonly RecordBatch[]
  /** The offset after them. */
  readonly position: number
  /** Where the leader epochs of these begin. */
  readonly epochs: readonly EpochStart[]
  /** The damaged batch that follows them, if any. */
  readonly damaged: Damaged | null
}

/**
 * The batches of an answer for one partition. Their checksums are verified, but their records are
 * not read: only where each batch begins and ends, and whether it has records for us (markers and
 * aborted transactions do not).
 */
export function takeBatches(place: Place, answer: FetchedPartition, reader: BatchReader): Taken {
  const { batches: scanned, end: scanEnd } = scanBatches(place, answer.records)
  const aborted = reader.readUncommitted ? null : new AbortedFilter(answer.aborted)
  const batches: RecordBatch[] = []
  let position = place.position
  const epochs: EpochStart[] = []
  /** Where the next batch begins; it covers the empty range that was skipped before it. */
  let from = position
  let damaged = damageAtEnd(scanEnd, place, answer)
  const at = () => ({ ...pick(place), from, endOffset: answer.highWatermark })

  let end = 0
  for (const batch of scanned) {
    const { header, bytes } = batch
    end += bytes.length
    if (reader.checkCrcs && !verifyCrc(header, bytes)) {
      damaged = badChecksum(place, batch, answer, end)
      break
    }
    let isAborted = false
    try {
      const type = () => readControlType(header, bytes, place, reader)
      isAborted = aborted?.isAborted(header, type) === true
    } catch (error) {
      const problem = toOccError(error, 'OCC_BATCH_CORRUPT')
      damaged = { error: problem, damage: damageOf(header, bytes, problem) }
      break
    }
    if (header.lastOffset < position) continue
    const epoch = header.partitionLeaderEpoch
    if (epochs.at(-1)?.epoch !== epoch) epochs.push({ from: position, epoch })
    position = header.lastOffset + 1
    if (header.isControl || isAborted || header.count === 0) continue
    batches.push(new FetchedBatch(header, bytes, at(), reader))
    from = position
  }
  if (position > from) batches.push(createMarker(at(), position))
  // The bytes of the damaged batch may become a dead letter.
  if (damaged !== null) ResponseMemory.of(answer.records)?.keep()
  return { batches, position, epochs, damaged }
}

/** null: all of its records can be read. */
export function readable(batch: RecordBatch): Damaged | null {
  try {
    batch.read()
    return null
  } catch (problem) {
    const error = toOccError(problem, 'OCC_BATCH_CORRUPT')
    return { error, damage: batch instanceof FetchedBatch ? batch.damageBy(error) : null }
  }
}

function damageAtEnd(
  end: ScanEnd,
  place: Place,
  { records, highWatermark }: FetchedPartition,
): Damaged | null {
  if (end.kind === 'damaged') {
    const { error, raw } = end.damage
    const behind = records.subarray(raw.byteOffset - records.byteOffset + raw.length)
    const lastOffset = endOfDamage(end.damage, behind, highWatermark)
    // An end below the position would have the partition go back, and keep the batch again.
    if (lastOffset === null || lastOffset < place.position) return { error, damage: null }
    return { error, damage: { ...end.damage, lastOffset } }
  }
  if (end.kind === 'unreadable') return { error: end.error, damage: null }
  if (end.kind === 'end') return null
  // Brokers send the first batch whole or not at all. Retrying this would loop forever.
  const what = `its header gives a length of ${end.bytes} bytes, but the answer ends before that`
  return { error: corrupt(place, place.position, what), damage: null }
}

function badChecksum(
  place: Place,
  { header, bytes }: ScannedBatch,
  { records, highWatermark }: FetchedPartition,
  end: number,
): Damaged {
  const error = corrupt(place, header.baseOffset, 'its checksum (CRC-32C) does not match its bytes')
  const lastOffset = lastOffsetOf(header, records.subarray(end), highWatermark)
  if (lastOffset === null || lastOffset < place.position) return { error, damage: null }
  return { error, damage: { ...damageOf(header, bytes, error), lastOffset } }
}

/** The header of another format is not known; that of ours may be damaged, where it contradicts itself. */
function endOfDamage({ raw, lastOffset }: BatchDamage, behind: Buffer, end: number): number | null {
  if (raw.length < HEADER_BYTES || raw[MAGIC_AT] !== 2) return lastOffset
  const header = readHeader(raw, 0)
  return verifyCrc(header, raw) ? lastOffset : lastOffsetOf(header, behind, end)
}

/**
 * The last offset of a damaged batch, if something outside its header confirms it; else null. The
 * header itself may be damaged, and a wrong last offset would skip records.
 */
function lastOffsetOf(header: BatchHeader, behind: Buffer, end: number): number | null {
  const { baseOffset, lastOffset, lastOffsetDelta, count } = header
  if (behind.length >= HEADER_BYTES && behind[MAGIC_AT] === 2) {
    const next = readHeader(behind, 0)
    const isGood = next.baseOffset > baseOffset && next.bytes >= HEADER_BYTES
    if (isGood && next.bytes <= behind.length && verifyCrc(next, behind)) {
      return Math.min(lastOffset, next.baseOffset - 1)
    }
    if (isGood && next.baseOffset === lastOffset + 1) return lastOffset
  }
  if (lastOffset >= end) return null
  return lastOffset + 1 === end || count === lastOffsetDelta + 1 ? lastOffset : null
}

function pick({ topic, partition }: TopicPartition): TopicPartition {
  return { topic, partition }
}
