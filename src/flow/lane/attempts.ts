import type { Outcome, RetryOutcome } from '../../kernel/outcome.ts'
import type { KafkaRecord } from '../../kernel/record.ts'
import type { CircuitBreaker } from '../circuit/circuit-breaker.ts'
import { type CircuitLane, hasWorkedIn, NOT_FAILED, workedIn } from '../circuit/circuit-lane.ts'
import type { FlowOptions } from '../types.ts'
import type { DeadLetterWriter } from './dead-letter-writer.ts'
import type { InFlightWindow } from './in-flight-window.ts'
import type { KeyQueues } from './key-queues.ts'
import { Pauses, type PausesParts } from './pauses.ts'
import type { PendingRecord } from './pending-record.ts'
import { Suspects } from './suspects.ts'

export interface AttemptsParts extends PausesParts {
  readonly options: FlowOptions
  readonly keyQueues: KeyQueues
  readonly window: InFlightWindow
  readonly letters: DeadLetterWriter
  readonly lane: CircuitLane
  /** The record is handled, or skipped by a rule. */
  finished(record: KafkaRecord, outcome: 'ok' | 'skip'): void
  /** No attempt at this record follows. */
  settled(record: KafkaRecord): void
  /** The partition takes no further records, and the others wait for this one. */
  blocks(entry: PendingRecord): boolean
  /** A record became ready. */
  wake(): void
}

/**
 * Decides what follows an attempt at a record of one partition: it is finished, tried again, set
 * aside, or given up. A record is given up only if its handler says it is dead, or if it failed
 * while its handler succeeded with others.
 */
export class Attempts {
  readonly #parts: AttemptsParts
  readonly #suspects: Suspects
  readonly #pauses: Pauses
  #isEnding = false

  constructor(parts: AttemptsParts) {
    this.#parts = parts
    this.#pauses = new Pauses(parts)
    this.#suspects = new Suspects(parts.options.circuit, parts.lane, () => this.#tryAgain())
  }

  get suspects(): number {
    return this.#suspects.size
  }

  /** @param entry a running record. */
  settle(entry: PendingRecord, outcome: Outcome): void {
    const { keyQueues, circuits, lane } = this.#parts
    keyQueues.ended(entry)
    const probed = entry.probes
    entry.probes = null
    if (circuits.areTroubled) circuits.observe(outcome, entry.record, lane, entry)
    this.#giveUpOvertaken(entry, workedIn(outcome))
    if (outcome.kind !== 'retry') {
      this.#over(entry, outcome)
      if (probed !== null) circuits.probed(probed, lane, entry, NOT_FAILED)
      return
    }
    this.#failed(entry, outcome, probed)
    if (probed === null) return
    const failed = entry.troubles.map(({ circuit }) => circuit)
    const after = this.#pauses.asked(outcome) ?? 0
    circuits.probed(probed, lane, entry, { failed, failure: outcome, after })
  }

  /** The record was part of a slice, and not begun. */
  untouched(entry: PendingRecord): void {
    const { keyQueues, circuits, lane } = this.#parts
    const probed = entry.probes
    entry.probes = null
    keyQueues.ended(entry)
    if (this.#isEnding) this.#drop(entry)
    else keyQueues.back(entry)
    if (probed !== null) circuits.probed(probed, lane, entry, NOT_FAILED)
  }

  /** Tries suspects once more that a new record must not overtake. */
  makeWay(entry: PendingRecord): void {
    for (const suspect of this.#suspects.all) {
      if (mayBeTried(suspect) && this.#parts.keyQueues.areBound(suspect, entry))
        this.#revive(suspect)
    }
  }

  /** The handler of a suspect works. */
  confirmed(suspect: PendingRecord, by: PendingRecord | null): void {
    this.#suspects.relax()
    const isOvertaken =
      by !== null && by.offset > suspect.offset && this.#parts.keyQueues.areBound(suspect, by)
    // A success begun before the failure is no evidence, and another attempt helps only against
    // outside faults.
    if (!isOvertaken && suspect.failure?.fault === 'record' && !isProven(suspect)) return
    if (!isOvertaken && !isUndecodable(suspect)) {
      this.#revive(suspect)
      return
    }
    // A success now would change the order of the two.
    this.#suspects.delete(suspect)
    this.#giveUp(suspect)
  }

  /** Resets records that failed because of this handler. @param isOver the handler works again. */
  resetAttempts(circuit: CircuitBreaker, isOver: boolean): void {
    for (const entry of [...this.#parts.window.entries]) {
      const isIts = entry.troubles.some((trouble) => trouble.circuit === circuit)
      if (!isIts || entry.state === 'dead-lettering' || isUndecodable(entry)) continue
      if (entry.state === 'suspect') this.#revive(entry)
      entry.attempts = 0
      if (!isOver) continue
      entry.failedFirstAt = null
      // The success that ended the outage is no evidence against what failed in it: another outage
      // may follow at once.
      for (const trouble of entry.troubles) if (trouble.circuit === circuit) trouble.failedAt = null
    }
  }

  /** Tries again, in their places, suspects that could not be decoded: their format has changed. */
  retryUndecodable(): void {
    for (const suspect of this.#suspects.all) if (isUndecodable(suspect)) this.#revive(suspect)
  }

  /** Begins no further attempt. What waits for one is dropped, and the next owner handles it. */
  end(): void {
    this.#isEnding = true
    this.#suspects.clear()
    for (const entry of [...this.#parts.window.entries]) {
      clearTimeout(entry.timer)
      if (entry.state !== 'running' && entry.state !== 'dead-lettering') this.#drop(entry)
    }
  }

  #over(entry: PendingRecord, outcome: Exclude<Outcome, RetryOutcome>): void {
    const { keyQueues, window, finished, settled } = this.#parts
    keyQueues.remove(entry)
    if (outcome.kind === 'dead') {
      entry.attempts += 1
      entry.state = 'dead-lettering'
      settled(entry.record)
      void this.#parts.letters.keep(entry, outcome.error, outcome.handler)
      return
    }
    window.delete(entry)
    if (entry.failure !== null) settled(entry.record)
    finished(entry.record, outcome.kind)
  }

  #failed(entry: PendingRecord, outcome: RetryOutcome, probed: CircuitBreaker | null): void {
    const { options, circuits, keyQueues, lane, now } = this.#parts
    entry.failure = outcome
    entry.failedFirstAt ??= now()
    entry.troubles = circuits.behind(outcome, lane).map((circuit) => {
      const known = entry.troubles.find((trouble) => trouble.circuit === circuit)
      const trouble = known ?? { circuit, failedAt: null, isOld: false, countedIn: -1 }
      trouble.isOld ||= known?.failedAt === null
      trouble.failedAt ??= circuits.nextMoment()
      return trouble
    })
    if (this.#isEnding) {
      this.#drop(entry)
      return
    }
    const after = this.#pauses.asked(outcome) ?? 0
    const open = entry.troubles.filter((trouble) => circuits.failed(trouble, outcome, after))
    if (isUndecodable(entry)) {
      this.#cannotBeDecoded(entry, open.length > 0)
      return
    }
    // While a handler is known to be down, a failure says nothing about the record.
    if (open.length > 0) {
      const isTried = open.some(({ circuit }) => circuit === probed)
      // The records behind it are tried next; then all return to their places.
      if (isTried && outcome.fault === 'record') this.#setAside(entry)
      else keyQueues.back(entry)
      return
    }
    if (outcome.fault === 'limit') {
      entry.limited += 1
      this.#wait(entry, outcome)
      return
    }
    entry.attempts += 1
    const isLast = outcome.fault === 'record' || entry.attempts >= options.retry.attempts
    if (!isLast) {
      this.#wait(entry, outcome)
      return
    }
    if (!isProven(entry) && !this.#isTooLong(entry, outcome)) {
      this.#setAside(entry)
      return
    }
    keyQueues.remove(entry)
    this.#giveUp(entry)
  }

  /** Once a topic has decoded records, a few that cannot be are bad; a long run of them is not. */
  #cannotBeDecoded(entry: PendingRecord, isOpen: boolean): void {
    entry.attempts = 1
    if (isOpen || !entry.troubles.every(({ circuit }) => circuit.hasWorked)) {
      this.#setAside(entry)
      return
    }
    this.#parts.keyQueues.remove(entry)
    this.#giveUp(entry)
  }

  #setAside(entry: PendingRecord): void {
    this.#parts.keyQueues.remove(entry)
    this.#suspects.add(entry)
  }

  #wait(entry: PendingRecord, failure: RetryOutcome): void {
    const { keyQueues, wake } = this.#parts
    if (!keyQueues.wait(entry)) return
    entry.timer = setTimeout(
      () => {
        keyQueues.back(entry)
        wake()
      },
      this.#pauses.next(entry, failure),
    )
  }

  /** A suspect without evidence is given up after `patience`, if it may not stay one. */
  #isTooLong(entry: PendingRecord, { fault }: RetryOutcome): boolean {
    const { options, blocks, now } = this.#parts
    const failing = now() - (entry.failedFirstAt ?? now())
    if (failing <= options.circuit.patience) return false
    // It kept failing with an error of its own, in a handler that has worked.
    const isItsOwn = fault === 'record' && entry.troubles.every(({ circuit }) => circuit.hasWorked)
    return isItsOwn || blocks(entry)
  }

  #giveUp(entry: PendingRecord): void {
    const { letters, settled } = this.#parts
    const { failure } = entry
    if (failure === null) return
    entry.state = 'dead-lettering'
    settled(entry.record)
    void letters.keep(entry, failure.error, failure.deadFor ?? failure.handler)
  }

  /**
   * Another attempt comes too late for records that failed in a handler in which this later one has
   * succeeded: suspects, and those that got their attempt back while it was running.
   * @param handlers that succeeded.
   */
  #giveUpOvertaken(entry: PendingRecord, handlers: readonly string[]): void {
    if (handlers.length === 0) return
    const { keyQueues } = this.#parts
    const isOvertaken = ({ troubles }: PendingRecord) =>
      troubles.some(({ circuit }) => hasWorkedIn(circuit, handlers))
    for (const earlier of keyQueues.before(entry)) {
      if (!isOvertaken(earlier)) continue
      keyQueues.remove(earlier)
      this.#giveUp(earlier)
    }
    if (this.#suspects.size === 0) return
    // Those that no success of this handler needs to confirm, because it has worked before.
    for (const suspect of this.#suspects.all) {
      const isBehind = suspect.offset > entry.offset || !keyQueues.areBound(suspect, entry)
      if (isBehind || !isOvertaken(suspect)) continue
      this.#suspects.delete(suspect)
      this.#giveUp(suspect)
    }
  }

  /** One more attempt, in its original place. */
  #revive(suspect: PendingRecord): void {
    const { options, keyQueues, wake } = this.#parts
    this.#suspects.delete(suspect)
    suspect.attempts = Math.min(suspect.attempts, options.retry.attempts - 1)
    keyQueues.add(suspect)
    wake()
  }

  #tryAgain(): void {
    for (const suspect of this.#suspects.all) if (mayBeTried(suspect)) this.#revive(suspect)
  }

  #drop(entry: PendingRecord): void {
    if (entry.state !== 'suspect') this.#parts.keyQueues.remove(entry)
    this.#parts.window.delete(entry)
  }
}

/** Every circuit that failed with it has succeeded with another record since. */
function isProven({ troubles }: PendingRecord): boolean {
  return troubles.every((trouble) => trouble.circuit.hasWorkedSince(trouble))
}

function isUndecodable({ failure }: PendingRecord): boolean {
  return failure?.fault === 'decode'
}

/** Excludes records that no attempt can change, and those set aside by a probe. */
function mayBeTried(suspect: PendingRecord): boolean {
  return (
    !isUndecodable(suspect) && !suspect.troubles.some(({ circuit }) => circuit.openedAt !== null)
  )
}
