import type { Line } from './line.ts'
import { type Submission, sizeOf } from './submission.ts'

export interface QueueLimits {
  /**
   * Maximum rows, letters and parked records together, and bytes of their values, of a transaction;
   * one submission may have more.
   */
  readonly rows: number
  readonly bytes: number
  /** Maximum milliseconds that a submission waits for others. */
  readonly within: number
  /** Maximum transactions at a time; of one partition never more than one. */
  readonly writers: number
}

export interface Waiting extends Submission {
  readonly rows: number
  readonly bytes: number
  /** Monotonic, milliseconds. */
  readonly since: number
  readonly done: PromiseWithResolvers<void>
}

/** What waits for a transaction, in the order it came. */
export class SubmissionQueue {
  readonly #limits: QueueLimits
  #waiting: Waiting[] = []
  #rows = 0
  #bytes = 0
  #opened: (() => void) | null = null
  /** Monotonic, milliseconds; null: it is open. */
  #fullSince: number | null = null
  readonly #wasFull: (seconds: number) => void

  /** @param wasFull called when it opens again */
  constructor(limits: QueueLimits, wasFull: (seconds: number) => void) {
    this.#limits = limits
    this.#wasFull = wasFull
  }

  /**
   * False once the next transaction of each writer is here. More would only take memory: what waits
   * survives the collections of the young generation, and is copied by each.
   */
  get open(): boolean {
    const { rows, bytes, writers } = this.#limits
    return this.#rows < rows * writers && this.#bytes < bytes * writers
  }

  /** Calls back once, when it is open: in a later turn, if it is not now. */
  whenOpen(opened: () => void): void {
    this.#opened = opened
    this.#tell()
  }

  /** Resolves when it is done. */
  add(submission: Submission): Promise<void> {
    const done = Promise.withResolvers<void>()
    const size = sizeOf(submission)
    this.#waiting.push({ ...submission, ...size, since: performance.now(), done })
    this.#rows += size.rows
    this.#bytes += size.bytes
    if (!this.open) this.#fullSince ??= performance.now()
    return done.promise
  }

  /** Milliseconds until the next transaction should begin; null: nothing can be written now. */
  remaining(busy: ReadonlySet<Line>): number | null {
    const { rows: maxRows, bytes: maxBytes, within } = this.#limits
    let rows = 0
    let bytes = 0
    let since: number | null = null
    for (const waiting of this.#waiting) {
      if (busy.has(waiting.line)) continue
      since ??= waiting.since
      rows += waiting.rows
      bytes += waiting.bytes
    }
    if (since === null) return null
    if (rows >= maxRows || bytes >= maxBytes) return 0
    return Math.max(0, Math.ceil(since + within - performance.now()))
  }

  /** What goes together, in the order it came. */
  take(busy: ReadonlySet<Line>): Waiting[] {
    const { rows: maxRows, bytes: maxBytes } = this.#limits
    const taken: Waiting[] = []
    const left: Waiting[] = []
    const stopped = new Set(busy)
    let rows = 0
    let bytes = 0
    for (const waiting of this.#waiting) {
      const isFull =
        taken.length > 0 && (rows + waiting.rows > maxRows || bytes + waiting.bytes > maxBytes)
      if (isFull || stopped.has(waiting.line)) {
        // What follows of its partition stays behind it.
        stopped.add(waiting.line)
        left.push(waiting)
        continue
      }
      rows += waiting.rows
      bytes += waiting.bytes
      taken.push(waiting)
    }
    this.#waiting = left
    this.#left(rows, bytes)
    return taken
  }

  takeAll(): Waiting[] {
    this.#left(this.#rows, this.#bytes)
    return this.#waiting.splice(0)
  }

  #left(rows: number, bytes: number): void {
    this.#rows -= rows
    this.#bytes -= bytes
    this.#tell()
  }

  #tell(): void {
    if (!this.open) return
    if (this.#fullSince !== null) this.#wasFull((performance.now() - this.#fullSince) / 1000)
    this.#fullSince = null
    const opened = this.#opened
    this.#opened = null
    opened?.()
  }
}
