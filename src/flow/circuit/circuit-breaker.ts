import type { Fault } from '../../kernel/outcome.ts'
import type { CircuitStatus } from '../../observe/types.ts'
import type { PendingRecord } from '../lane/pending-record.ts'
import type { CircuitOptions } from '../types.ts'

/** Who has set a suspect aside, and gets it back. */
export interface SuspectOwner {
  /**
   * The handler works, so one of the two is no longer in doubt. @param by the entry it succeeded
   * with, where that is of the same partition.
   */
  confirmed(suspect: PendingRecord, by: PendingRecord | null): void
}

/** What an entry has against it: one of those that its last attempt failed with. */
export interface Trouble {
  readonly circuit: CircuitBreaker
  /** A moment of Circuits: when it failed there first; null: not since an outage. */
  failedAt: number | null
  /** It failed in an outage before: it may be what is bad, and tells nothing of another outage. */
  isOld: boolean
  /** The circuit's run of failures that it was counted in. */
  countedIn: number
}

/** Of what it is a circuit: a handler, by its name ('' for nobody), or the decoding of a topic. */
export type Subject =
  | { readonly handler: string }
  | { readonly topic: string; readonly format: string }

/**
 * What the process knows of one handler, or of the decoding of one topic: whether it works. Closed,
 * its records are handed over; open, they are not, but for a probe now and then.
 */
export class CircuitBreaker {
  readonly subject: Subject
  readonly #options: CircuitOptions
  /** Records that failed in a row, each counted once. */
  #failures = 0
  /** Of the success that was begun last: its moment. */
  #provenAt = -1
  /** Grows with every success: each run of failures has a number of its own. */
  #run = 0
  /** It has succeeded in this process. */
  hasWorked = false
  /** Times that it opened. */
  openings = 0
  /** Wall clock, milliseconds; null: closed. */
  openedAt: number | null = null
  /** A moment of Circuits: only what is begun after it can close it. */
  openedMoment = 0
  /** An operator paused the handler. */
  isHeld = false
  /** Records that were set aside while it did not succeed once. */
  readonly suspects = new Map<PendingRecord, SuspectOwner>()
  /** The next probe may go out. */
  isDue = false
  /** The record that is on probation. */
  probing: PendingRecord | null = null
  /** Further records that may be tried with this probe, where those before failed by their own fault. */
  tries = 0
  /** Probes that failed since it opened. */
  failedProbes = 0
  #delay: number
  #timer: NodeJS.Timeout | undefined

  constructor(subject: Subject, options: CircuitOptions) {
    this.subject = subject
    this.#options = options
    this.#delay = options.probeAfter
  }

  get handler(): string | null {
    return 'handler' in this.subject ? this.subject.handler : null
  }

  get topic(): string | null {
    return 'topic' in this.subject ? this.subject.topic : null
  }

  /** Nothing is handed over. */
  get stops(): boolean {
    return this.openedAt !== null || this.isHeld
  }

  /**
   * It has succeeded with what it began after this record had failed: so that may be the record's
   * own fault. What was begun before proves nothing: it may have been done with the world by then.
   */
  hasWorkedSince({ failedAt }: Trouble): boolean {
    return failedAt !== null && this.#provenAt >= failedAt
  }

  /** Counts a failed attempt. True: that is enough to open it. */
  failed(trouble: Trouble, fault: Fault): boolean {
    // That may be the record's own fault; to be asked for less never is.
    const mayBeBad = this.hasWorkedSince(trouble) || trouble.isOld
    if (mayBeBad && fault !== 'limit') return false
    if (trouble.countedIn !== this.#run) {
      trouble.countedIn = this.#run
      this.#failures += 1
    }
    const { failures, firstFailures } = this.#options
    // One that has never worked has no credit; and who asks for less is given a rest soon.
    const hasCredit = this.hasWorked && fault !== 'limit'
    return this.#failures >= (hasCredit ? failures : Math.min(failures, firstFailures))
  }

  /** @param begunAt when that attempt began, a moment of Circuits. */
  succeeded(begunAt: number): void {
    this.hasWorked = true
    this.#run += 1
    this.#provenAt = Math.max(this.#provenAt, begunAt)
    this.#failures = 0
  }

  open(now: number, moment: number): void {
    this.openedAt = now
    this.openedMoment = moment
    this.openings += 1
    this.failedProbes = 0
    this.#delay = this.#options.probeAfter
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
    this.#delay = Math.min(this.#delay * 2, this.#options.maxProbeAfter)
  }

  /** Calls back when the next probe is due. @param least milliseconds that it waits at least. */
  schedule(least: number, due: () => void): void {
    clearTimeout(this.#timer)
    this.isDue = false
    this.#timer = setTimeout(
      () => {
        this.isDue = true
        // So there is no more than one call each `probeAfter` on the average.
        this.tries = Math.floor(this.#delay / this.#options.probeAfter) - 1
        due()
      },
      Math.max(least, this.#delay),
    )
  }

  status(): CircuitStatus {
    return {
      handler: this.handler ?? '',
      topic: this.topic,
      state: this.isHeld ? 'held' : this.openedAt === null ? 'closed' : 'open',
      openedAt: this.openedAt,
      openings: this.openings,
      failuresInRow: this.#failures,
      suspects: this.suspects.size,
      problem: this.openedAt === null ? null : this.#problem,
    }
  }

  /** Without anything of the error: that may hold what only the log is for. */
  get #problem(): string {
    const { subject, hasWorked } = this
    if ('topic' in subject) {
      const which = hasWorked ? 'none of the newest records' : 'no record'
      return `${which} of topic ${subject.topic} is ${subject.format}: set \`decode.topics\``
    }
    return `${nameOf(this)} fails with every record`
  }
}

export function nameOf({ subject }: CircuitBreaker): string {
  if ('topic' in subject) return `Decoding ${subject.topic}`
  return subject.handler === '' ? 'Handling' : `The handler "${subject.handler}"`
}
