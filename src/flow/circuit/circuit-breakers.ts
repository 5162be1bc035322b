import { keptIn } from '../../kernel/kept-in.ts'
import type { Log } from '../../kernel/log.ts'
import type { LaterOutcome, Outcome, RetryOutcome } from '../../kernel/shapes/outcome.ts'
import type { KafkaRecord } from '../../kernel/shapes/record.ts'
import type { Clock } from '../../kernel/time/clock.ts'
import type { CircuitStatus } from '../../observe/types.ts'
import type { CircuitOptions } from '../types.ts'
import { type Attempted, CircuitBreaker, type Trouble } from './circuit-breaker.ts'
import {
  type CircuitLane,
  concerned,
  concerns,
  hasWorkedIn,
  NOBODY,
  workedIn,
} from './circuit-lane.ts'
import { CircuitLog } from './circuit-log.ts'
import { Probes } from './probes.ts'

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
  /** What finds out whether an open circuit works again. */
  readonly probes: Probes
  #moment = 0

  constructor(options: CircuitOptions, clock: Clock, log: Log) {
    this.#options = options
    this.#clock = clock
    this.#log = new CircuitLog(clock, log)
    this.probes = new Probes({
      all: () => this.#all(),
      troubled: this.#troubled,
      lanes: this.#lanes,
      log: this.#log,
    })
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
    return keptIn(this.#byHandler, name, () => new CircuitBreaker({ handler: name }, this.#options))
  }

  /** The circuits of whatever failed the attempt. */
  behind(
    { fault, failed, handler }: RetryOutcome,
    { topic, format }: CircuitLane,
  ): CircuitBreaker[] {
    if (fault !== 'decode') return (failed ?? [handler]).map((name) => this.of(name))
    const subject = { topic, format }
    const circuit = keptIn(this.#byTopic, topic, () => new CircuitBreaker(subject, this.#options))
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
    this.probes.schedule(circuit, after)
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

  /** An operator pauses or resumes a handler. */
  hold(handler: string, isHeld: boolean): void {
    const circuit = this.of(handler)
    circuit.isHeld = isHeld
    for (const lane of this.#lanesOf(circuit)) lane.circuitsChanged()
    if (!isHeld) this.probes.tryAll()
  }

  status(): CircuitStatus[] {
    return this.#all().map((circuit) => circuit.status())
  }

  close(): void {
    this.probes.close()
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

  #all(): CircuitBreaker[] {
    return [...this.#byHandler.values(), ...this.#byTopic.values()]
  }

  #lanesOf(circuit: CircuitBreaker): CircuitLane[] {
    return concerned(this.#lanes, circuit)
  }
}
