import type { Attempted, Suspect } from '../circuit/circuit-breaker.ts'
import type { LaneState } from './lane-state.ts'
import type { PendingRecord } from './pending-record.ts'

/**
 * Records of one partition that failed while their handler had no success: either the records are
 * bad, or the handler is down. They are retried from time to time, so that a partition without
 * other records recovers from an outage too.
 */
export class Suspects {
  readonly #state: LaneState
  readonly #entries = new Map<PendingRecord, Suspect>()
  #delay: number
  #timer: NodeJS.Timeout | undefined

  constructor(state: LaneState) {
    this.#state = state
    this.#delay = state.shared.options.circuit.probeAfter
  }

  get size(): number {
    return this.#entries.size
  }

  get all(): PendingRecord[] {
    return [...this.#entries.keys()]
  }

  add(entry: PendingRecord): void {
    const { lane, shared } = this.#state
    const suspect: Suspect = {
      confirmed: (by, where) => this.#confirmed(entry, where === lane ? by : null),
    }
    entry.state = 'suspect'
    this.#entries.set(entry, suspect)
    for (const trouble of entry.troubles) {
      const { circuit } = trouble
      // No success changes what is already known of the other circuits.
      if (!circuit.hasWorkedSince(trouble)) circuit.suspects.add(suspect)
    }
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#delay = Math.min(this.#delay * 2, shared.options.circuit.maxProbeAfter)
      for (const each of this.all) if (mayBeTried(each)) this.revive(each)
    }, this.#delay)
  }

  /** One more attempt, in its original place. */
  revive(entry: PendingRecord): void {
    const { keyQueues, wake } = this.#state
    if (!this.#delete(entry)) return
    const kept = Math.min(entry.attempts, this.#state.mostAttempts(entry.failure) - 1)
    entry.takenBack += entry.attempts - kept
    entry.attempts = kept
    keyQueues.add(entry)
    wake()
  }

  /** Tries those once more that a new record must not overtake. */
  makeWay(entry: PendingRecord): void {
    if (this.#entries.size === 0) return
    const { keyQueues } = this.#state
    for (const suspect of this.all) {
      if (mayBeTried(suspect) && keyQueues.areBound(suspect, entry)) this.revive(suspect)
    }
  }

  /** Whether a record's success would overtake a suspect, which could then not succeed any more. */
  overtakenBy(): (entry: PendingRecord) => boolean {
    const lowest = new Map<string | null, number>()
    const { keyQueues } = this.#state
    for (const { key, offset } of this.#entries.keys()) {
      // Bound to itself: to all of its order.
      if (!keyQueues.areBound({ key }, { key })) continue
      lowest.set(key, Math.min(lowest.get(key) ?? offset, offset))
    }
    return ({ key, offset }) => (lowest.get(key) ?? offset) < offset
  }

  giveUp(entry: PendingRecord): void {
    if (this.#delete(entry)) this.#state.giveUp(entry)
  }

  clear(): void {
    for (const [entry, suspect] of this.#entries) forget(entry, suspect)
    this.#entries.clear()
    this.#stop()
  }

  /** @param by a pending record of this partition with which the handler has succeeded. */
  #confirmed(entry: PendingRecord, by: Attempted | null): void {
    const { shared, keyQueues } = this.#state
    // The handler works again, so the next suspect need not wait long.
    this.#delay = shared.options.circuit.probeAfter
    const isOvertaken = by !== null && by.offset > entry.offset && keyQueues.areBound(entry, by)
    // A success begun before the failure is no evidence, and another attempt helps only against
    // outside faults.
    if (!isOvertaken && entry.failure?.fault === 'record' && !entry.isProven) return
    // After one that overtook it, a success would change the order of the two.
    if (isOvertaken || entry.isUndecodable) this.giveUp(entry)
    else this.revive(entry)
  }

  /** False: it is no longer a suspect, because reviving another one had consequences for it. */
  #delete(entry: PendingRecord): boolean {
    const suspect = this.#entries.get(entry)
    if (suspect === undefined) return false
    this.#entries.delete(entry)
    forget(entry, suspect)
    if (this.#entries.size === 0) this.#stop()
    return true
  }

  #stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}

function forget({ troubles }: PendingRecord, suspect: Suspect): void {
  for (const { circuit } of troubles) circuit.suspects.delete(suspect)
}

/** Excludes records that no attempt can change, and those set aside by a probe. */
function mayBeTried({ isUndecodable, troubles }: PendingRecord): boolean {
  return !isUndecodable && !troubles.some(({ circuit }) => circuit.openedAt !== null)
}
