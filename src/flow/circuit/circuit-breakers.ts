import type { Log } from '../../kernel/log.ts'
import type { LaterOutcome, Outcome, RetryOutcome } from '../../kernel/shapes/outcome.ts'
import type { KafkaRecord } from '../../kernel/shapes/record.ts'
import type { Clock } from '../../kernel/time/clock.ts'
import type { CircuitStatus } from '../../observe/types.ts'
import type { CircuitOptions } from '../types.ts'
import { type Attempted, CircuitBreaker, type Trouble } from './circuit-breaker.ts'
import {
  type CircuitLane,
  concerns,
  hasWorkedIn,
  NOBODY,
  type ProbeResult,
  workedIn,
} from './circuit-lane.ts'
import { CircuitLog } from './circuit-log.ts'

/** The circuits of all handlers and of the decoding of each topic, and the lanes they can stop. */
export class CircuitBreakers {
  readonly #options: CircuitOptions
  readonly #clock: Clock
  readonly #log: CircuitLog
  readonly #byHandler = new Map<string, CircuitBreaker>()
  readonly #byTopic = new Map<string, CircuitBreaker>()
  /** Circuits that have ever failed: only these need to know of successes. */
  readonly #troubled: CircuitBreaker[] = []
  /** In the order in which they take turns to probe. */
  readonly #lanes = new Set<CircuitLane>()
  #moment = 0
  #isClosed = false

  constructor(options: CircuitOptions, clock: Clock, log: Log) {
    this.#options = options
    this.#clock = clock
    this.#log = new CircuitLog(clock, log)
  }

  /**
   * A logical clock that advances with every first failure of a record. An attempt begun at a given
   * moment or later began after the failure that created that moment.
   */
  get moment(): number {
    return this.#moment
  }

  /** Advances the clock at a first failure. */
  nextMoment(): number {
    this.#moment += 1
    return this.#moment
  }

  /** True if any circuit needs to know of successes. */
  get areTroubled(): boolean {
    return this.#troubled.length > 0
  }

  of(handler: string | null): CircuitBreaker {
    const name = handler ?? NOBODY
    return found(this.#byHandler, name, () => new CircuitBreaker({ handler: name }, this.#options))
  }

  /** The circuits of whatever failed the attempt. */
  behind(
    { fault, failed, handler }: RetryOutcome,
    { topic, format }: CircuitLane,
  ): CircuitBreaker[] {
    if (fault !== 'decode') return (failed ?? [handler]).map((name) => this.of(name))
    const subject = { topic, format }
    const circuit = found(this.#byTopic, topic, () => new CircuitBreaker(subject, this.#options))
    // It may have changed since the circuit was made.
    circuit.subject = subject
    return [circuit]
  }

  add(lane: CircuitLane): void {
    this.#lanes.add(lane)
    for (const handler of lane.handlers ?? []) this.of(handler)
  }

  remove(lane: CircuitLane): void {
    this.#lanes.delete(lane)
  }

  /** The kind of circuit that stops the lane; null: none. */
  stop(lane: CircuitLane): 'circuit' | 'decode' | null {
    const stopping = this.#all().filter((circuit) => circuit.stops && concerns(circuit, lane))
    if (stopping.length === 0) return null
    return stopping.some(({ topic }) => topic === null) ? 'circuit' : 'decode'
  }

  /**
   * True: the failure says nothing about the record, because the circuit is open now, or was while
   * the attempt ran.
   * @param begunAt moment at which the attempt began. @param after milliseconds that the other side
   * asked for.
   */
  failed(trouble: Trouble, failure: RetryOutcome, begunAt: number, after: number): boolean {
    const { circuit } = trouble
    if (!this.#troubled.includes(circuit)) {
      this.#troubled.push(circuit)
      circuit.hasWorked ||= this.#lanesOf(circuit).some((lane) =>
        circuit.topic === null ? lane.hasHandled : lane.hasDecoded,
      )
    }
    if (circuit.stops) return true
    if (circuit.topic === null && begunAt < circuit.closedMoment) {
      // No success after the outage is evidence against it.
      trouble.failedAt = null
      return true
    }
    if (!circuit.failed(trouble, failure.fault ?? 'world', this.#lanesOf(circuit).length))
      return false
    circuit.open(this.#clock.now(), this.nextMoment())
    this.#log.opened(circuit, failure)
    for (const lane of this.#lanesOf(circuit)) {
      lane.resetAttempts(circuit, false)
      lane.circuitsChanged()
    }
    this.#scheduleProbe(circuit, after)
    return true
  }

  /**
   * Records what an attempt shows about its handlers.
   * @param by the pending record, if there is one. @param begunAt moment at which the attempt
   * began.
   */
  observe(
    outcome: Outcome,
    { value }: KafkaRecord,
    lane: CircuitLane,
    by: Attempted | null,
    begunAt = by?.begunAt ?? this.#moment,
  ): void {
    const isDecoded =
      outcome.kind === 'skip' || outcome.kind === 'later'
        ? outcome.unread !== true
        : outcome.kind !== 'retry' || outcome.fault !== 'decode'
    // A record without a value decodes in any format, so it proves nothing.
    this.succeeded(workedIn(outcome), isDecoded && value !== null, lane, by, begunAt)
    if (outcome.kind === 'later') this.#answered(outcome, begunAt)
  }

  /** The same for several records: which handlers succeeded, and whether any was decoded. */
  succeeded(
    handlers: readonly string[],
    isDecoded: boolean,
    lane: CircuitLane,
    by: Attempted | null,
    begunAt: number,
  ): void {
    for (const circuit of this.#troubled) {
      const hasSucceeded =
        circuit.handler === null
          ? isDecoded && circuit.topic === lane.topic
          : hasWorkedIn(circuit, handlers)
      if (!hasSucceeded) continue
      circuit.succeeded(begunAt)
      for (const suspect of circuit.suspects) suspect.confirmed(by, lane)
      // An attempt in flight at the opening may have made its outside call before the outage.
      const isNew = begunAt >= circuit.openedMoment
      if (circuit.openedAt !== null && isNew) this.#closeCircuit(circuit)
    }
  }

  /** The probe has ended. */
  probed(circuit: CircuitBreaker, entry: Attempted, result: ProbeResult): void {
    if (circuit.probing === entry) {
      circuit.probing = null
      if (circuit.openedAt !== null && !this.#isClosed) this.#continueProbing(circuit, result)
    }
    // Other circuits may have waited for it.
    for (const other of this.#troubled) this.#tryProbe(other)
  }

  /** The partition has a record that may only be handed over as a probe. */
  offered(lane: CircuitLane): void {
    for (const circuit of this.#troubled) {
      if (circuit.isDue && concerns(circuit, lane)) this.#tryProbe(circuit)
    }
  }

  /** An operator pauses or resumes a handler. */
  hold(handler: string, isHeld: boolean): void {
    const circuit = this.of(handler)
    circuit.isHeld = isHeld
    for (const lane of this.#lanesOf(circuit)) lane.circuitsChanged()
    if (!isHeld) for (const other of this.#troubled) this.#tryProbe(other)
  }

  status(): CircuitStatus[] {
    return this.#all().map((circuit) => circuit.status())
  }

  close(): void {
    this.#isClosed = true
    for (const circuit of this.#all()) circuit.close(this.#moment)
  }

  /**
   * Handlers that park a record are up. It is no success, so no evidence against other records; but
   * what is parked waits while the circuit is open, and a handler that parks each record first would
   * have no success ever.
   */
  #answered({ handler }: LaterOutcome, begunAt: number): void {
    const names = handler?.split(',') ?? []
    for (const circuit of this.#troubled) {
      const isNew = circuit.openedAt !== null && begunAt >= circuit.openedMoment
      if (isNew && hasWorkedIn(circuit, names)) this.#closeCircuit(circuit)
    }
  }

  #closeCircuit(circuit: CircuitBreaker): void {
    this.#log.closes(circuit)
    circuit.close(this.nextMoment())
    for (const lane of this.#lanesOf(circuit)) {
      lane.resetAttempts(circuit, true)
      lane.circuitsChanged()
    }
  }

  #scheduleProbe(circuit: CircuitBreaker, least: number): void {
    circuit.schedule(least, () => this.#tryProbe(circuit))
  }

  /** Takes another partition each time, because one may hold only bad records. */
  #tryProbe(circuit: CircuitBreaker): void {
    const isWanted = circuit.isDue && circuit.probing === null && !circuit.isHeld
    if (!isWanted || circuit.openedAt === null || this.#isClosed) return
    this.#probe(circuit)
  }

  /**
   * The outage may end between two records of a round: so one behind a record that was set aside is
   * tried only if there is no other. False: there is no record to try.
   */
  #probe(circuit: CircuitBreaker): boolean {
    for (const mayOvertake of [false, true]) {
      for (const lane of this.#lanesOf(circuit)) {
        if (this.#isTaken(lane) || !lane.probe(circuit, mayOvertake)) continue
        this.#lanes.delete(lane)
        this.#lanes.add(lane)
        return true
      }
    }
    return false
  }

  /** A probe calls all handlers of its record, so none may be paused or already being probed. */
  #isTaken(lane: CircuitLane): boolean {
    return this.#all().some(
      (circuit) => (circuit.isHeld || circuit.probing !== null) && concerns(circuit, lane),
    )
  }

  #continueProbing(circuit: CircuitBreaker, result: ProbeResult): void {
    const { failed, failure } = result
    // Deferred, because a partition full of such records would otherwise recurse once for each.
    if (failed.length === 0) {
      // The record did not reach the handler; the next one may.
      setImmediate(() => {
        circuit.isDue = circuit.openedAt !== null
        this.#tryProbe(circuit)
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
      if (!this.#probe(circuit)) this.#postpone(circuit, result)
    })
  }

  /** Circuits that failed together wait together, so that one probe serves all of them. */
  #postpone(circuit: CircuitBreaker, { failed, failure, after }: ProbeResult): void {
    for (const lane of this.#lanesOf(circuit)) lane.resetAttempts(circuit, false)
    for (const each of new Set([circuit, ...failed])) {
      if (each.openedAt === null || each.probing !== null) continue
      const hasFailed = failed.includes(each)
      if (hasFailed) each.failedProbes += 1
      // A handler that asks for fewer requests is up, so the delay does not grow.
      if (hasFailed && failure?.fault !== 'limit') each.slowDown()
      this.#scheduleProbe(each, after)
      this.#log.stillOpen(each, failure)
    }
  }

  #all(): CircuitBreaker[] {
    return [...this.#byHandler.values(), ...this.#byTopic.values()]
  }

  #lanesOf(circuit: CircuitBreaker): CircuitLane[] {
    return [...this.#lanes].filter((lane) => concerns(circuit, lane))
  }
}

function found<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}
