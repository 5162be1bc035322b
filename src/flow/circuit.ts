import type { CircuitStatus } from '../observe/types.ts'
import type { Entry } from './entry.ts'
import type { CircuitOptions } from './types.ts'

/** Who has set a suspect aside, and gets it back. */
export interface SuspectOwner {
  /**
   * The handler works, so one of the two is no longer in doubt. @param by the entry it succeeded
   * with, where that is of the same partition.
   */
  confirmed(suspect: Entry, by: Entry | null): void
}

/**
 * What the process knows of one handler: whether it works. Closed, its records are handed over;
 * open, they are not, but for a probe now and then.
 */
export class Circuit {
  readonly handler: string
  readonly #failuresToOpen: number
  readonly #probeAfter: number
  readonly #maxProbeAfter: number
  /** Records that failed in a row, each counted once. */
  #failures = 0
  /** Of the success that was begun last: its moment. */
  #provenAt = -1
  /** Grows with every success: each run of failures has a number of its own. */
  #run = 0
  /** Times that it opened. */
  openings = 0
  /** Wall clock, milliseconds; null: closed. */
  openedAt: number | null = null
  /** An operator paused the handler. */
  isHeld = false
  /** Records that failed all their attempts while it did not succeed once. */
  readonly suspects = new Map<Entry, SuspectOwner>()
  /** The next probe may go out. */
  isDue = false
  /** The record that is on probation. */
  probing: Entry | null = null
  #delay: number
  #timer: NodeJS.Timeout | undefined

  constructor(handler: string, options: CircuitOptions) {
    this.handler = handler
    this.#failuresToOpen = options.failures
    this.#probeAfter = options.probeAfter
    this.#maxProbeAfter = options.maxProbeAfter
    this.#delay = options.probeAfter
  }

  /** Nothing is handed over. */
  get stops(): boolean {
    return this.openedAt !== null || this.isHeld
  }

  /**
   * It has succeeded with what it began after this record had failed: so that may be the record's
   * own fault. What was begun before proves nothing: it may have been done with the world by then.
   */
  hasWorkedSince(entry: Entry): boolean {
    return this.#provenAt >= entry.failedAt
  }

  /** Counts a failed attempt. True: that is enough to open it. */
  failed(entry: Entry): boolean {
    if (this.hasWorkedSince(entry)) return false
    if (entry.countedIn !== this.#run) {
      entry.countedIn = this.#run
      this.#failures += 1
    }
    return this.#failures >= this.#failuresToOpen
  }

  /** @param begunAt when that attempt began, a moment of Circuits. */
  succeeded(begunAt: number): void {
    this.#run += 1
    this.#provenAt = Math.max(this.#provenAt, begunAt)
    this.#failures = 0
  }

  open(now: number): void {
    this.openedAt = now
    this.openings += 1
    this.#delay = this.#probeAfter
  }

  close(): void {
    this.openedAt = null
    this.isDue = false
    this.probing = null
    this.#failures = 0
    clearTimeout(this.#timer)
  }

  /** The next probe goes out later than the one before did. */
  slowDown(): void {
    this.#delay = Math.min(this.#delay * 2, this.#maxProbeAfter)
  }

  /** Calls back when the next probe is due. */
  schedule(due: () => void): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.isDue = true
      due()
    }, this.#delay)
  }

  status(): CircuitStatus {
    return {
      handler: this.handler,
      state: this.isHeld ? 'held' : this.openedAt === null ? 'closed' : 'open',
      openedAt: this.openedAt,
      openings: this.openings,
      failuresInRow: this.#failures,
      suspects: this.suspects.size,
    }
  }
}
