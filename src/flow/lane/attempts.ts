import type { Outcome, RetryOutcome } from '../../kernel/shapes/outcome.ts'
import type { CircuitBreaker } from '../circuit/circuit-breaker.ts'
import { hasWorkedIn, NOT_FAILED, workedIn } from '../circuit/circuit-lane.ts'
import type { LaneState } from './lane-state.ts'
import { Pauses } from './pauses.ts'
import type { PendingRecord } from './pending-record.ts'
import { Suspects } from './suspects.ts'

/**
 * Decides what follows an attempt at a record of one partition: it is finished, tried again, set
 * aside, or given up. A record is given up only if its handler says it is dead, or if it failed
 * while its handler succeeded with others.
 */
export class Attempts {
  readonly #state: LaneState
  readonly suspects: Suspects
  readonly #pauses: Pauses

  constructor(state: LaneState) {
    this.#state = state
    this.#pauses = new Pauses(state.shared)
    this.suspects = new Suspects(state)
  }

  /** @param entry a running record. */
  settle(entry: PendingRecord, outcome: Outcome): void {
    const { keyQueues, lane, shared } = this.#state
    const { circuits } = shared
    keyQueues.ended(entry)
    const probed = entry.probes
    entry.probes = null
    if (circuits.areTroubled) circuits.observe(outcome, entry.record, lane, entry)
    this.#giveUpOvertaken(entry, workedIn(outcome))
    if (outcome.kind !== 'retry') {
      this.#over(entry, outcome)
      if (probed !== null) circuits.probes.probed(probed, entry, NOT_FAILED)
      return
    }
    this.#failed(entry, outcome, probed)
    if (probed === null) return
    const failed = entry.troubles.map(({ circuit }) => circuit)
    const after = this.#pauses.asked(outcome) ?? 0
    circuits.probes.probed(probed, entry, { failed, failure: outcome, after })
  }

  /** The record was part of a slice, and not begun. */
  untouched(entry: PendingRecord): void {
    const { keyQueues, shared, isClosing } = this.#state
    const probed = entry.probes
    entry.probes = null
    keyQueues.ended(entry)
    if (isClosing) this.#drop(entry)
    else keyQueues.back(entry)
    if (probed !== null) shared.circuits.probes.probed(probed, entry, NOT_FAILED)
  }

  /** Resets records that failed because of this handler. @param isOver the handler works again. */
  resetAttempts(circuit: CircuitBreaker, isOver: boolean): void {
    for (const entry of [...this.#state.window.entries]) {
      const isIts = entry.troubles.some((trouble) => trouble.circuit === circuit)
      if (!isIts || entry.state === 'dead-lettering' || entry.isUndecodable) continue
      if (entry.state === 'suspect') this.suspects.revive(entry)
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
    for (const suspect of this.suspects.all) {
      if (suspect.isUndecodable) this.suspects.revive(suspect)
    }
  }

  /** Begins no further attempt. What waits for one is dropped, and the next owner handles it. */
  end(): void {
    this.suspects.clear()
    for (const entry of [...this.#state.window.entries]) {
      clearTimeout(entry.timer)
      if (entry.state !== 'running' && entry.state !== 'dead-lettering') this.#drop(entry)
    }
  }

  #over(entry: PendingRecord, outcome: Exclude<Outcome, RetryOutcome>): void {
    const state = this.#state
    state.keyQueues.remove(entry)
    if (outcome.kind === 'later') {
      const { after, reason, handler, writes } = outcome
      state.park(entry, { after, reason, code: null, handler }, writes)
      return
    }
    if (outcome.kind === 'dead') {
      entry.attempts += 1
      state.keep(entry, outcome.error, outcome.handler, outcome.writes)
      return
    }
    state.window.delete(entry)
    if (entry.failure !== null) state.processor.settled?.(entry.record)
    state.finished(entry.record, outcome.kind, state.shared.parts.clock.now())
  }

  #failed(entry: PendingRecord, outcome: RetryOutcome, probed: CircuitBreaker | null): void {
    const state = this.#state
    const { keyQueues, lane } = state
    const { circuits } = state.shared
    entry.failure = outcome
    entry.failedFirstAt ??= state.now()
    entry.troubles = circuits.behind(outcome, lane).map((circuit) => {
      const known = entry.troubles.find((trouble) => trouble.circuit === circuit)
      const trouble = known ?? { circuit, failedAt: null, isOld: false, countedIn: -1 }
      trouble.isOld ||= known?.failedAt === null
      trouble.failedAt ??= circuits.nextMoment()
      return trouble
    })
    if (state.isClosing) {
      this.#drop(entry)
      return
    }
    const after = this.#pauses.asked(outcome) ?? 0
    const open = entry.troubles.filter((trouble) =>
      circuits.failed(trouble, outcome, entry.begunAt, after),
    )
    if (entry.isUndecodable) {
      this.#cannotBeDecoded(entry, open.length > 0)
      return
    }
    // While a handler is known to be down, a failure says nothing about the record; nor does one that
    // is heard of only when the handler works again.
    if (open.length > 0) {
      const stopping = open.filter(({ circuit }) => circuit.stops)
      const isTried = stopping.some(({ circuit }) => circuit === probed)
      // The records behind it are tried next; then all return to their places.
      if (isTried && outcome.fault === 'record') this.#setAside(entry)
      else if (stopping.length === 0 && after > 0) this.#wait(entry, outcome)
      else keyQueues.back(entry)
      return
    }
    if (outcome.fault === 'limit') {
      entry.limited += 1
      this.#wait(entry, outcome)
      return
    }
    entry.attempts += 1
    entry.takenBack = 0
    const isLast = outcome.fault === 'record' || entry.attempts >= state.mostAttempts(outcome)
    if (!isLast) this.#wait(entry, outcome)
    else if (!entry.isProven && !this.#isTooLong(entry, outcome)) this.#setAside(entry)
    else this.#giveUp(entry)
  }

  /** Once a topic has decoded records, a few that cannot be are bad; a long run of them is not. */
  #cannotBeDecoded(entry: PendingRecord, isOpen: boolean): void {
    entry.attempts = 1
    if (isOpen || !entry.troubles.every(({ circuit }) => circuit.hasWorked)) this.#setAside(entry)
    else this.#giveUp(entry)
  }

  #setAside(entry: PendingRecord): void {
    this.#state.keyQueues.remove(entry)
    this.suspects.add(entry)
  }

  #giveUp(entry: PendingRecord): void {
    this.#state.keyQueues.remove(entry)
    this.#state.giveUp(entry)
  }

  #wait(entry: PendingRecord, failure: RetryOutcome): void {
    const { keyQueues, wake } = this.#state
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
    const { shared, hasRoom, progress } = this.#state
    const now = this.#state.now()
    if (now - (entry.failedFirstAt ?? now) <= shared.options.circuit.patience) return false
    // It kept failing with an error of its own, in a handler that has worked.
    const isItsOwn = fault === 'record' && entry.troubles.every(({ circuit }) => circuit.hasWorked)
    // Or the partition takes no further records, and the others wait for this one.
    return isItsOwn || (!hasRoom && progress.committable === entry.offset)
  }

  /**
   * Another attempt comes too late for records that failed in a handler in which this later one has
   * succeeded: suspects, and those that got their attempt back while it was running.
   * @param handlers that succeeded.
   */
  #giveUpOvertaken(entry: PendingRecord, handlers: readonly string[]): void {
    if (handlers.length === 0) return
    const { keyQueues } = this.#state
    const isOvertaken = ({ troubles }: PendingRecord) =>
      troubles.some(({ circuit }) => hasWorkedIn(circuit, handlers))
    for (const earlier of keyQueues.before(entry)) if (isOvertaken(earlier)) this.#giveUp(earlier)
    if (this.suspects.size === 0) return
    // Those that no success of this handler needs to confirm, because it has worked before.
    for (const suspect of this.suspects.all) {
      const isBehind = suspect.offset > entry.offset || !keyQueues.areBound(suspect, entry)
      if (!isBehind && isOvertaken(suspect)) this.suspects.giveUp(suspect)
    }
  }

  #drop(entry: PendingRecord): void {
    if (entry.state !== 'suspect') this.#state.keyQueues.remove(entry)
    this.#state.window.delete(entry)
  }
}
