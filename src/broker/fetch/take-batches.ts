import { OccError } from '../../kernel/errors.ts'
import type { TopicPartition } from '../../kernel/record.ts'
import { AbortedFilter } from '../batch/aborted.ts'
import type { Lz4 } from '../batch/decompress.ts'
import { createMarker, FetchedBatch, readControlType } from '../batch/fetched-batch.ts'
import { corrupt, verifyCrc } from '../batch/header.ts'
import { damageOf, type ScanEnd, type ScannedBatch, scanBatches } from '../batch/scan.ts'
import type { FetchedPartition } from '../protocol/index.ts'
import type { BatchDamage, RecordBatch } from '../types.ts'
import type { EpochStart } from './fetch-state.ts'

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
  /** Where the leader epochs of these begin. */
  readonly epochs: readonly EpochStart[]
  /** Behind them. */
  readonly damaged: Damaged | null
}

/**
 * The batches of an answer for the position of a partition. Their checksums are checked, and none
 * of their records is looked at: only where each begins and ends, and whether it counts (markers
 * and aborted transactions do not).
 */
export function takeBatches(place: Place, answer: FetchedPartition, reader: BatchReader): Taken {
  const { batches: scanned, end } = scanBatches(place, answer.records)
  const aborted = reader.readUncommitted ? null : new AbortedFilter(answer.aborted)
  const batches: RecordBatch[] = []
  let position = place.position
  const epochs: EpochStart[] = []
  /** Where the next batch for us begins: what was passed since and holds no record belongs to it. */
  let from = position
  let damaged = damageAtEnd(end)
  const at = () => ({ ...pick(place), from, endOffset: answer.highWatermark })

  for (const [index, { header, bytes }] of scanned.entries()) {
    if (reader.checkCrcs && !verifyCrc(header, bytes)) {
      damaged = badChecksum(place, scanned, index)
      break
    }
    let isAborted = false
    try {
      const type = () => readControlType(header, bytes, place, reader)
      isAborted = aborted?.isAborted(header, type) === true
    } catch (error) {
      damaged = { error: toOccError(error), damage: damageOf(header, bytes, toOccError(error)) }
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
  return { batches, position, epochs, damaged }
}

/** null: all of its records can be taken apart. */
export function readable(batch: RecordBatch): Damaged | null {
  try {
    batch.read()
    return null
  } catch (problem) {
    const error = toOccError(problem)
    return { error, damage: batch instanceof FetchedBatch ? batch.damageBy(error) : null }
  }
}

function damageAtEnd(end: ScanEnd): Damaged | null {
  if (end.kind === 'damaged') return { error: end.damage.error, damage: end.damage }
  return end.kind === 'unreadable' ? { error: end.error, damage: null } : null
}

/** Where the damage may be in the header itself, the next batch tells where this one ends. */
function badChecksum(
  place: Place,
  scanned: readonly ScannedBatch[],
  index: number,
): Damaged | null {
  const batch = scanned[index]
  if (batch === undefined) return null
  const { header, bytes } = batch
  const next = scanned[index + 1]
  const isNextGood = next !== undefined && verifyCrc(next.header, next.bytes)
  const error = corrupt(place, header.baseOffset, 'its checksum (CRC-32C) does not fit its bytes')
  const damage = damageOf(header, bytes, error)
  if (!isNextGood) return { error, damage }
  const lastOffset = Math.min(damage.lastOffset, next.header.baseOffset - 1)
  return { error, damage: { ...damage, lastOffset } }
}

function toOccError(error: unknown): OccError {
  if (error instanceof OccError) return error
  return new OccError('OCC_BATCH_CORRUPT', String(error), { cause: error })
}

function pick({ topic, partition }: TopicPartition): TopicPartition {
  return { topic, partition }
}
