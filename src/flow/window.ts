import type { Entry, EntryState } from './entry.ts'
import type { Memory } from './memory.ts'
import { copyOf } from './record-queue.ts'
import type { FlowOptions } from './types.ts'

/**
 * What was taken and is not finished of one partition. Its bounds are those of what is handled
 * again after a crash (records), and of the memory it holds (bytes).
 */
export class Window {
  readonly #maxRecords: number
  readonly #maxBytes: number
  readonly #memory: Memory
  readonly #freed: () => void
  readonly #entries = new Set<Entry>()
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

  get entries(): Iterable<Entry> {
    return this.#entries
  }

  add(entry: Entry): void {
    this.#entries.add(entry)
    this.#bytes += entry.size
    this.#memory.take(entry.size)
  }

  delete(entry: Entry): void {
    if (!this.#entries.delete(entry)) return
    this.#bytes -= entry.size
    this.#memory.giveBack(entry.size)
    this.#freed()
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

  /** The one with the lowest offset. */
  lowest(): Entry | null {
    let lowest: Entry | null = null
    for (const entry of this.#entries) {
      if (lowest === null || entry.offset < lowest.offset) lowest = entry
    }
    return lowest
  }

  /** Monotonic milliseconds at which the one was taken that is here for longest; null: empty. */
  get oldestTakenAt(): number | null {
    let oldest: number | null = null
    for (const { takenAt } of this.#entries) oldest = Math.min(oldest ?? takenAt, takenAt)
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
  }

  clear(): void {
    this.#entries.clear()
    const bytes = this.#bytes
    this.#bytes = 0
    this.#memory.giveBack(bytes)
  }
}
