import type { RecordBatch } from '../../broker/types.ts'
import type { ArrivedBatch } from '../../commit/offset-tracker.ts'
import { copyOf } from '../intake/record-queue.ts'
import type { Memory } from '../memory.ts'
import type { FlowOptions } from '../types.ts'
import type { PendingRecord, PendingState } from './pending-record.ts'

/** A batch that was handed over whole. */
export interface WholeBatch {
  readonly batch: RecordBatch
  /** Its entry in the offset tracker. */
  readonly arrived: ArrivedBatch
  /** Monotonic milliseconds. */
  readonly takenAt: number
  /** It was already here at the last `detachOld`. */
  isOld: boolean
}

interface LowestRecord {
  /** Milliseconds since the epoch. */
  readonly timestamp: number
  /** Monotonic milliseconds. */
  readonly takenAt: number
}

/**
 * The records of one partition that were taken and are not finished. Its limits bound what is
 * handled again after a crash (records) and the memory held (bytes).
 */
export class InFlightWindow {
  readonly #maxRecords: number
  readonly #maxBytes: number
  readonly #memory: Memory
  readonly #freed: () => void
  readonly #entries = new Set<PendingRecord>()
  readonly #wholeBatches = new Set<WholeBatch>()
  #bytes = 0

  /** @param freed called when the window holds less. */
  constructor({ maxInFlight, maxInFlightBytes }: FlowOptions, memory: Memory, freed: () => void) {
    this.#maxRecords = maxInFlight
    this.#maxBytes = maxInFlightBytes
    this.#memory = memory
    this.#freed = freed
  }

  get bytes(): number {
    return this.#bytes
  }

  get entries(): Iterable<PendingRecord> {
    return this.#entries
  }

  add(entry: PendingRecord): void {
    this.#entries.add(entry)
    this.#bytes += entry.size
    this.#memory.take(entry.size)
  }

  delete(entry: PendingRecord): void {
    if (!this.#entries.delete(entry)) return
    this.#bytes -= entry.size
    this.#memory.giveBack(entry.size)
    this.#freed()
  }

  addWhole(whole: WholeBatch): void {
    const { bytes } = whole.batch
    this.#wholeBatches.add(whole)
    this.#bytes += bytes
    this.#memory.take(bytes)
  }

  deleteWhole(whole: WholeBatch): void {
    const { bytes } = whole.batch
    if (!this.#wholeBatches.delete(whole)) return
    this.#bytes -= bytes
    this.#memory.giveBack(bytes)
    this.#freed()
  }

  /** Maximum number of records in the batches that were handed over whole. */
  get wholeRecords(): number {
    let count = 0
    for (const { batch } of this.#wholeBatches) count += batch.count
    return count
  }

  /** True if there is room for a whole batch. @param records including its own. */
  takes(records: number, bytes: number): boolean {
    return records <= this.#maxRecords && this.#bytes + bytes <= this.#maxBytes
  }

  /** @param records from the lowest unfinished one to the newest one taken. */
  hasRoom(records: number): boolean {
    return records < this.#maxRecords && this.#bytes < this.#maxBytes
  }

  count(state: PendingState): number {
    let count = 0
    for (const entry of this.#entries) if (entry.state === state) count += 1
    return count
  }

  get stuck(): number {
    let count = 0
    for (const entry of this.#entries) if (entry.isStuck) count += 1
    return count
  }

  /** What is known of the lowest offset; null: empty. */
  get lowest(): LowestRecord | null {
    let lowest = Number.POSITIVE_INFINITY
    let found: LowestRecord | null = null
    for (const { offset, record, takenAt } of this.#entries) {
      if (offset >= lowest) continue
      lowest = offset
      found = { timestamp: record.timestamp, takenAt }
    }
    for (const { batch, takenAt } of this.#wholeBatches) {
      if (batch.from >= lowest) continue
      lowest = batch.from
      found = { timestamp: batch.firstTimestamp, takenAt }
    }
    return found
  }

  /** The one that was taken first, the first of these by offset; null: empty. */
  get oldest(): PendingRecord | WholeBatch | null {
    let oldest: PendingRecord | WholeBatch | null = null
    for (const each of this.#entries) if (isBefore(each, oldest)) oldest = each
    for (const each of this.#wholeBatches) if (isBefore(each, oldest)) oldest = each
    return oldest
  }

  /** Detaches records that stay for long from their fetch responses: see RecordQueue.detachOld. */
  detachOld(): void {
    for (const entry of this.#entries) {
      // Whoever is handling it keeps the response alive anyway.
      if (entry.isDetached || entry.state === 'running' || entry.state === 'dead-lettering')
        continue
      entry.record = copyOf(entry.record)
      entry.isDetached = true
    }
    // The worker has a copy. This one is needed only if the worker fails.
    for (const whole of this.#wholeBatches) {
      if (whole.isOld) whole.batch.detach()
      whole.isOld = true
    }
  }

  clear(): void {
    this.#entries.clear()
    this.#wholeBatches.clear()
    const bytes = this.#bytes
    this.#bytes = 0
    this.#memory.giveBack(bytes)
  }
}

function isBefore(each: PendingRecord | WholeBatch, other: PendingRecord | WholeBatch | null) {
  if (other === null || each.takenAt < other.takenAt) return true
  return each.takenAt === other.takenAt && offsetOf(each) < offsetOf(other)
}

function offsetOf(each: PendingRecord | WholeBatch): number {
  return 'batch' in each ? each.batch.from : each.offset
}
