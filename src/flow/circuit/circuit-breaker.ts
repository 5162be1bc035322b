import type { Fault } from '../../kernel/shapes/outcome.ts'
import type { CircuitStatus } from '../../observe/types.ts'
import type { CircuitOptions } from '../types.ts'

/** A pending record as a circuit sees it. */
export interface Attempted {
  readonly offset: number
  readonly key: string | null
  /** CircuitBreakers moment at which its last attempt began. */
  readonly begunAt: number
}

/** A record that its lane has set aside. */
export interface Suspect {
  /**
   * The handler works, so either it or the record is no longer in doubt.
   * @param by the pending record it succeeded with, if there is one. @param lane of that record.
   */
  confirmed(by: Attempted | null, lane: object): void
}

/** One circuit that a pending record's last attempt failed with. */
export interface Trouble {
  readonly circuit: CircuitBreaker
  /** CircuitBreakers moment of its first failure there; null: none since an outage. */
  failedAt: number | null
  /** It also failed in an earlier outage, so it may be bad: no evidence of another outage. */
  isOld: boolean
  /** The run of failures of the circuit that it was counted in. */
  countedIn: number
}

/** What the circuit is for: a handler by name ('' if unnamed), or the decoding of a topic. */
export type Subject =
  | { readonly handler: string }
  | { readonly topic: string; readonly format: string }

/**
 * Tracks whether one handler, or the decoding of one topic, works. While it is closed, records are
 * handed over. While it is open, only an occasional probe is.
 */
export class CircuitBreaker {
  subject: Subject
  readonly #options: CircuitOptions
  /** Records that failed in a row, each counted once. */
  #failures = 0
  /** Moment at which the latest-started success began. */
  #provenAt = -1
  /** Increases with every success, so that each run of failures has its own number. */
  #run = 0
  /** It has succeeded at least once in this process. */
  hasWorked = false
  /** How often it has opened. */
  openings = 0
  /** Wall clock, milliseconds; null: closed. */
  openedAt: number | null = null
  /** CircuitBreakers moment: only an attempt begun after it can close the circuit. */
  openedMoment = 0
  /** CircuitBreakers moment of the last closing: a handler's attempt begun before it may have failed in the outage. */
  closedMoment = 0
  /** An operator has paused the handler. */
  isHeld = false
  /** Records set aside while it had no success. */
  readonly suspects = new Set<Suspect>()
  /** The next probe may be sent. */
  isDue = false
  /** The record in flight as the probe. */
  probing: Attempted | null = null
  /** Further records this probe may try if the ones before fail by their own fault. */
  tries = 0
  /** Failed probes since it opened. */
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

  /** No record is handed over. */
  get stops(): boolean {
    return this.openedAt !== null || this.isHeld
  }

  /**
   * It has succeeded with an attempt begun after this record failed, so the record may be at fault.
   * An attempt begun earlier proves nothing: its outside call may have been over by then.
   */
  hasWorkedSince({ failedAt }: Trouble): boolean {
    return failedAt !== null && this.#provenAt >= failedAt
  }

  /** Counts a failed attempt. True: that is enough to open the circuit. */
  failed(trouble: Trouble, fault: Fault, partitions: number): boolean {
    // The record may be at fault, except when the other side asks for fewer requests.
    const mayBeBad = this.hasWorkedSince(trouble) || trouble.isOld
    if (mayBeBad && fault !== 'limit') return false
    if (trouble.countedIn !== this.#run) {
      trouble.countedIn = this.#run
      this.#failures += 1
    }
    const { failures, firstFailures } = this.#options
    // A handler that has never worked, or that asks for fewer requests, opens its circuit sooner.
    const hasCredit = this.hasWorked && fault !== 'limit'
    if (hasCredit) return this.#failures >= failures
    // With order `partition` one bad record at the front of each partition is all that is tried: the
    // next record tells whether the handler works.
    const first = fault === 'limit' ? firstFailures : Math.max(firstFailures, partitions + 1)
    return this.#failures >= Math.min(failures, first)
  }

  /** @param begunAt CircuitBreakers moment at which the attempt began. */
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

  close(moment: number): void {
    this.openedAt = null
    this.closedMoment = moment
    this.isDue = false
    this.probing = null
    this.#failures = 0
    clearTimeout(this.#timer)
  }

  /** Doubles the delay before the next probe, up to the maximum. */
  slowDown(): void {
    this.#delay = Math.min(this.#delay * 2, this.#options.maxProbeAfter)
  }

  /** Calls back when the next probe is due. @param least minimum delay in milliseconds. */
  schedule(least: number, due: () => void): void {
    clearTimeout(this.#timer)
    this.isDue = false
    this.#timer = setTimeout(
      () => {
        this.isDue = true
        // Keeps the average at no more than one call per `probeAfter`.
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

  /** Never includes the error text, which may hold what only the log should show. */
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
