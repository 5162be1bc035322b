import type { Attempted, CircuitBreaker } from './circuit-breaker.ts'
import { type CircuitLane, concerned, concerns, type ProbeResult } from './circuit-lane.ts'
import type { CircuitLog } from './circuit-log.ts'

export interface ProbeParts {
  all(): readonly CircuitBreaker[]
  /** Circuits that have ever failed. */
  readonly troubled: readonly CircuitBreaker[]
  /** In the order in which they take turns to probe, which is kept here. */
  readonly lanes: Set<CircuitLane>
  readonly log: Pick<CircuitLog, 'stillOpen'>
}

/** Which record is handed over while a circuit is open, and when the next one is. */
export class Probes {
  readonly #parts: ProbeParts
  #isClosed = false

  constructor(parts: ProbeParts) {
    this.#parts = parts
  }

  /** @param least minimum delay in milliseconds. */
  schedule(circuit: CircuitBreaker, least: number): void {
    circuit.schedule(least, () => this.#try(circuit))
  }

  /** The probe has ended. */
  probed(circuit: CircuitBreaker, entry: Attempted, result: ProbeResult): void {
    if (circuit.probing === entry) {
      circuit.probing = null
      if (circuit.openedAt !== null && !this.#isClosed) this.#continue(circuit, result)
    }
    // Other circuits may have waited for it.
    this.tryAll()
  }

  /** The partition has a record that may only be handed over as a probe. */
  offered(lane: CircuitLane): void {
    for (const circuit of this.#parts.troubled) {
      if (circuit.isDue && concerns(circuit, lane)) this.#try(circuit)
    }
  }

  /** Sends those that are due, and had to wait for something else. */
  tryAll(): void {
    for (const circuit of this.#parts.troubled) this.#try(circuit)
  }

  close(): void {
    this.#isClosed = true
  }

  #try(circuit: CircuitBreaker): void {
    const isWanted = circuit.isDue && circuit.probing === null && !circuit.isHeld
    if (!isWanted || circuit.openedAt === null || this.#isClosed) return
    this.#send(circuit)
  }

  /**
   * Takes another partition each time, because one may hold only bad records. The outage may end
   * between two records of a round: so one behind a record that was set aside is tried only if there is
   * no other. False: there is no record to try.
   */
  #send(circuit: CircuitBreaker): boolean {
    const { lanes } = this.#parts
    for (const mayOvertake of [false, true]) {
      for (const lane of concerned(lanes, circuit)) {
        if (this.#isTaken(lane) || !lane.probe(circuit, mayOvertake)) continue
        lanes.delete(lane)
        lanes.add(lane)
        return true
      }
    }
    return false
  }

  /** A probe calls all handlers of its record, so none may be paused or already being probed. */
  #isTaken(lane: CircuitLane): boolean {
    return this.#parts
      .all()
      .some((circuit) => (circuit.isHeld || circuit.probing !== null) && concerns(circuit, lane))
  }

  #continue(circuit: CircuitBreaker, result: ProbeResult): void {
    const { failed, failure } = result
    // Deferred, because a partition full of such records would otherwise recurse once for each.
    if (failed.length === 0) {
      // The record did not reach the handler; the next one may.
      setImmediate(() => {
        circuit.isDue = circuit.openedAt !== null
        this.#try(circuit)
      })
      return
    }
    const isOwn = failure?.fault === 'record' || failure?.fault === 'decode'
    if (!isOwn || circuit.tries <= 0 || !failed.includes(circuit)) {
      this.#postpone(circuit, result)
      return
    }
    // This record may be bad, so others are tried too, as far as the pace allows.
    circuit.tries -= 1
    setImmediate(() => {
      if (circuit.openedAt === null || circuit.probing !== null || this.#isClosed) return
      if (!this.#send(circuit)) this.#postpone(circuit, result)
    })
  }

  /** Circuits that failed together wait together, so that one probe serves all of them. */
  #postpone(circuit: CircuitBreaker, { failed, failure, after }: ProbeResult): void {
    for (const lane of concerned(this.#parts.lanes, circuit)) lane.resetAttempts(circuit, false)
    for (const each of new Set([circuit, ...failed])) {
      if (each.openedAt === null || each.probing !== null) continue
      const hasFailed = failed.includes(each)
      if (hasFailed) each.failedProbes += 1
      // A handler that asks for fewer requests is up, so the delay does not grow.
      if (hasFailed && failure?.fault !== 'limit') each.slowDown()
      this.schedule(each, after)
      this.#parts.log.stillOpen(each, failure)
    }
  }
}
