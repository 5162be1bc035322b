import type { RecordBatch } from '../../broker/types.ts'
import type { ArrivedBatch } from '../../commit/offset-tracker.ts'
import { copyOf } from '../intake/record-queue.ts'
import type { Memory } from '../memory.ts'
import type { FlowOptions } from '../types.ts'
import type { EntryState, PendingRecord } from './pending-record.ts'

/** A batch that was handed over as it came. */
export interface WholeBatch {
  readonly batch: RecordBatch
  /** What the tracker knows it by. */
  readonly arrived: ArrivedBatch
  /** Monotonic milliseconds. */
  readonly takenAt: number
  /** It was here at the last `detachOld` already. */
  isOld: boolean
}

/**
 * What was taken and is not finished of one partition. Its bounds are those of what is handled
 * again after a crash (records), and of the memory it holds (bytes).
 */
export class InFlightWindow {
  readonly #maxRecords: number
  readonly #maxBytes: number
  readonly #memory: Memory
  readonly #freed: () => void
  readonly #entries = new Set<PendingRecord>()
  readonly #wholes = new Set<WholeBatch>()
  #bytes = 0

  /** @param freed is called when it holds less. */
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
    this.#wholes.add(whole)
    this.#bytes += bytes
    this.#memory.take(bytes)
  }

  deleteWhole(whole: WholeBatch): void {
    const { bytes } = whole.batch
    if (!this.#wholes.delete(whole)) return
    this.#bytes -= bytes
    this.#memory.giveBack(bytes)
    this.#freed()
  }

  /** Records of batches that were handed over as they came, at most. */
  get wholeRecords(): number {
    let count = 0
    for (const { batch } of this.#wholes) count += batch.count
    return count
  }

  /** Whether there is room for a whole batch. @param records with those of it. */
  takes(records: number, bytes: number): boolean {
    return records <= this.#maxRecords && this.#bytes + bytes <= this.#maxBytes
  }

  /** @param records from the lowest unfinished one to the newest one taken. */
  hasRoom(records: number): boolean {
    return records < this.#maxRecords && this.#bytes < this.#maxBytes
  }

  count(state: EntryState): number {
    let count = 0
    for (const entry of this.#entries) if (entry.state === state) count += 1
    return count
  }

  get stuck(): number {
    let count = 0
    for (const entry of this.#entries) if (entry.isStuck) count += 1
    return count
  }

  /** Of what has the lowest offset; milliseconds since the epoch. null: empty. */
  get lowestTimestamp(): number | null {
    let lowest = Number.POSITIVE_INFINITY
    let timestamp: number | null = null
    for (const { offset, record } of this.#entries) {
      if (offset >= lowest) continue
      lowest = offset
      timestamp = record.timestamp
    }
    for (const { batch } of this.#wholes) {
      if (batch.from >= lowest) continue
      lowest = batch.from
      timestamp = batch.firstTimestamp
    }
    return timestamp
  }

  /** Monotonic milliseconds at which the one was taken that is here for longest; null: empty. */
  get oldestTakenAt(): number | null {
    let oldest: number | null = null
    for (const { takenAt } of this.#entries) oldest = Math.min(oldest ?? takenAt, takenAt)
    for (const { takenAt } of this.#wholes) oldest = Math.min(oldest ?? takenAt, takenAt)
    return oldest
  }

  /** Lets go of the fetched responses behind records that stay: see RecordQueue.detachOld. */
  detachOld(): void {
    for (const entry of this.#entries) {
      // Who has it in hand holds on to the response anyhow.
      if (entry.isDetached || entry.state === 'running' || entry.state === 'keeping') continue
      entry.record = copyOf(entry.record)
      entry.isDetached = true
    }
    // The worker has a copy: this one is for what goes wrong there.
    for (const whole of this.#wholes) {
      if (whole.isOld) whole.batch.detach()
      whole.isOld = true
    }
  }

  clear(): void {
    this.#entries.clear()
    this.#wholes.clear()
    const bytes = this.#bytes
    this.#bytes = 0
    this.#memory.giveBack(bytes)
  }
}
