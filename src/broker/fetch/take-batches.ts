import { OccError } from '../../kernel/errors.ts'
import type { TopicPartition } from '../../kernel/record.ts'
import { AbortedTransactions } from '../batch/aborted.ts'
import { codecName } from '../batch/codec-names.ts'
import type { Lz4 } from '../batch/decompress.ts'
import { createMarker, FetchedBatch } from '../batch/fetched-batch.ts'
import { corrupt, verifyCrc } from '../batch/header.ts'
import { type ScannedBatch, scanBatches } from '../batch/scan.ts'
import type { FetchedPartition } from '../protocol/index.ts'
import type { BatchDamage, RecordBatch } from '../types.ts'

/** What batches are read with. */
export interface BatchReader {
  readonly checkCrcs: boolean
  readonly maxBatchBytes: number
  readonly readUncommitted: boolean
  readonly lz4: Lz4
}

/** A partition, and the offset that it was asked for at. */
export interface Place extends TopicPartition {
  readonly position: number
}

/** A batch that cannot be read. `damage` null: it is not even known where it ends. */
export interface Damaged {
  readonly error: OccError
  readonly damage: BatchDamage | null
}

export interface Taken {
  /** Without a gap, from the position on: what holds no record for us only moves it. */
  readonly batches: readonly RecordBatch[]
  /** The offset after them. */
  readonly position: number
  /** Leader epoch of the last batch; -1: there is none. */
  readonly lastEpoch: number
  /** Behind them. */
  readonly damaged: Damaged | null
}

/**
 * The batches of an answer for the position of a partition. Their checksums are checked, and none
 * of their records is looked at: only where each begins and ends, and whether it counts (markers
 * and aborted transactions do not).
 */
export function takeBatches(
  state: Place,
  answer: FetchedPartition,
  reader: BatchReader,
): Taken {
  const { batches: scanned, end } = scanBatches(state, answer.records)
  const aborted = reader.readUncommitted ? null : new AbortedTransactions(answer.aborted)
  const batches: RecordBatch[] = []
  let position = state.position
  let lastEpoch = -1
  /** Of what was passed and holds no record. */
  let from = position
  let damaged: Damaged | null = end.kind === 'damaged' ? end : null
  if (end.kind === 'unreadable') damaged = { error: end.error, damage: null }
  if (damaged?.damage) damaged = { error: damaged.damage.error, damage: damaged.damage }

  for (const [index, { header, bytes }] of scanned.entries()) {
    if (header.lastOffset < position) {
      // Below the position: it may still end a transaction that was aborted.
      aborted?.isAborted(header, bytes)
      continue
    }
    if (reader.checkCrcs && !verifyCrc(header, bytes)) {
      damaged = badChecksum(state, scanned, index)
      break
    }
    lastEpoch = header.partitionLeaderEpoch
    const isLeftOut = aborted?.isAborted(header, bytes) === true
    position = header.lastOffset + 1
    if (header.isControl || isLeftOut || header.count === 0) continue
    batches.push(
      new FetchedBatch(state, header, bytes, { from, endOffset: answer.highWatermark }, reader),
    )
    from = position
  }
  if (position > from) batches.push(createMarker(state, from, position, answer.highWatermark))
  return { batches, position, lastEpoch, damaged }
}

/** null: all of its records can be taken apart. */
export function readable(batch: RecordBatch): Damaged | null {
  try {
    batch.read()
    return null
  } catch (error) {
    const problem =
      error instanceof OccError
        ? error
        : new OccError('OCC_BATCH_CORRUPT', String(error), { cause: error })
    const damage = batch instanceof FetchedBatch ? batch.damageOf(problem) : null
    return { error: problem, damage }
  }
}

/** Where the damage may be in the header itself, the next batch tells where this one ends. */
function badChecksum(
  state: Place,
  scanned: readonly ScannedBatch[],
  index: number,
): Damaged | null {
  const batch = scanned[index]
  if (batch === undefined) return null
  const { header, bytes } = batch
  const next = scanned[index + 1]
  const isNextGood = next !== undefined && verifyCrc(next.header, next.bytes)
  const error = corrupt(state, header.baseOffset, 'its checksum (CRC-32C) does not fit its bytes')
  const lastOffset = isNextGood
    ? Math.min(header.lastOffset, next.header.baseOffset - 1)
    : header.lastOffset
  const damage = {
    error,
    codec: codecName(header.codec),
    firstOffset: header.baseOffset,
    lastOffset,
    raw: bytes,
  }
  return { error, damage }
}
