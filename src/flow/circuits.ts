import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import type { CircuitStatus } from '../observe/types.ts'
import { Circuit, type SuspectOwner } from './circuit.ts'
import type { Entry } from './entry.ts'
import type { CircuitOptions } from './types.ts'

/** Stands for whoever has no name. */
const NOBODY = ''

/** A partition, as the circuits see it. */
export interface CircuitLane extends SuspectOwner {
  readonly handlers: readonly string[] | null
  /** One of its circuits opened or closed, or is held or let go. */
  circuitsChanged(): void
  /** What failed because of this handler's outage says nothing about the records. */
  pardon(circuit: Circuit): void
  /** Hands one record over, whatever stops it. False: there is none. */
  probe(circuit: Circuit): boolean
}

/** The circuits of all handlers of the process, and the partitions that heed them. */
export class Circuits {
  readonly #options: CircuitOptions
  readonly #clock: Clock
  readonly #log: Log
  readonly #byHandler = new Map<string, Circuit>()
  /** Those that ever failed: only these care for successes. */
  readonly #troubled: Circuit[] = []
  /** In the order of their turns to probe. */
  readonly #lanes = new Set<CircuitLane>()
  #moment = 0
  #isClosed = false

  constructor(options: CircuitOptions, clock: Clock, log: Log) {
    this.#options = options
    this.#clock = clock
    this.#log = log
  }

  /**
   * A clock that goes on with every first failure of a record. What began at a moment, or later,
   * began after the failure that made it.
   */
  get moment(): number {
    return this.#moment
  }

  /** The moment of a first failure. */
  nextMoment(): number {
    this.#moment += 1
    return this.#moment
  }

  /** Whether anybody wants to hear of successes. */
  get areTroubled(): boolean {
    return this.#troubled.length > 0
  }

  of(handler: string | null): Circuit {
    const name = handler ?? NOBODY
    let circuit = this.#byHandler.get(name)
    if (circuit === undefined) {
      circuit = new Circuit(name, this.#options)
      this.#byHandler.set(name, circuit)
    }
    return circuit
  }

  add(lane: CircuitLane): void {
    this.#lanes.add(lane)
    for (const handler of lane.handlers ?? []) this.of(handler)
  }

  remove(lane: CircuitLane): void {
    this.#lanes.delete(lane)
  }

  /** Whether one of these is open. @param handlers null: any counts. */
  stop(handlers: readonly string[] | null): boolean {
    for (const circuit of this.#byHandler.values()) {
      if (circuit.stops && concerns(circuit, handlers)) return true
    }
    return false
  }

  /** True: the circuit has opened by it. */
  failed(circuit: Circuit, entry: Entry): boolean {
    if (!this.#troubled.includes(circuit)) this.#troubled.push(circuit)
    if (!circuit.failed(entry)) return false
    circuit.open(this.#clock.now())
    this.#log.error(
      { event: 'circuit.opened', handler: circuit.handler, code: entry.failure?.error.code },
      `${nameOf(circuit)} failed ${this.#options.failures} records in a row: nothing more is handed to it until one ` +
        `succeeds. No record is given up meanwhile. The last error: ${entry.failure?.error.message}`,
    )
    for (const lane of this.#lanesOf(circuit)) {
      lane.pardon(circuit)
      lane.circuitsChanged()
    }
    this.#scheduleProbe(circuit)
    return true
  }

  /**
   * @param handlers who succeeded; undefined: nobody by name. @param by the record, if it has an
   * entry. @param begunAt when the attempt began, a moment of these.
   */
  succeeded(
    handlers: readonly string[] | undefined,
    lane: CircuitLane,
    by: Entry | null,
    begunAt = by?.begunAt ?? this.#moment,
  ): void {
    for (const circuit of this.#troubled) {
      if (!concerns(circuit, handlers ?? [NOBODY])) continue
      circuit.succeeded(begunAt)
      for (const [suspect, owner] of circuit.suspects) {
        owner.confirmed(suspect, owner === lane ? by : null)
      }
      if (circuit.openedAt !== null) this.#closeCircuit(circuit)
    }
  }

  /** The probe has come back without a success. @param failed whether the handler failed it. */
  probed(circuit: Circuit, entry: Entry, failed: boolean): void {
    if (circuit.probing !== entry) return
    circuit.probing = null
    if (circuit.openedAt === null || this.#isClosed) return
    if (failed) {
      circuit.slowDown()
      this.#scheduleProbe(circuit)
      return
    }
    // The record did not get as far as that handler: the next one may. Not from in here, where a
    // partition full of such records would call itself for each of them.
    setImmediate(() => {
      if (circuit.openedAt === null) return
      circuit.isDue = true
      this.#tryProbe(circuit)
    })
  }

  /** The partition has a record to offer that only a probe may have. */
  offered(lane: CircuitLane): void {
    for (const circuit of this.#troubled) {
      if (circuit.isDue && concerns(circuit, lane.handlers)) this.#tryProbe(circuit)
    }
  }

  /** An operator pauses a handler, or lets it go on. */
  hold(handler: string, isHeld: boolean): void {
    const circuit = this.of(handler)
    circuit.isHeld = isHeld
    for (const lane of this.#lanesOf(circuit)) lane.circuitsChanged()
    if (!isHeld) this.#tryProbe(circuit)
  }

  status(): CircuitStatus[] {
    return [...this.#byHandler.values()].map((circuit) => circuit.status())
  }

  close(): void {
    this.#isClosed = true
    for (const circuit of this.#byHandler.values()) circuit.close()
  }

  #closeCircuit(circuit: Circuit): void {
    const seconds = Math.round((this.#clock.now() - (circuit.openedAt ?? 0)) / 1000)
    circuit.close()
    this.#log.info(
      { event: 'circuit.closed', handler: circuit.handler, seconds },
      `${nameOf(circuit)} works again, after ${seconds} s; its records are handed over.`,
    )
    for (const lane of this.#lanesOf(circuit)) lane.circuitsChanged()
  }

  #scheduleProbe(circuit: Circuit): void {
    circuit.schedule(() => this.#tryProbe(circuit))
  }

  /** From another partition each time: one of them may have nothing but bad records. */
  #tryProbe(circuit: Circuit): void {
    const isWanted = circuit.isDue && circuit.probing === null && !circuit.isHeld
    if (!isWanted || circuit.openedAt === null) return
    for (const lane of this.#lanesOf(circuit)) {
      if (!lane.probe(circuit)) continue
      this.#lanes.delete(lane)
      this.#lanes.add(lane)
      return
    }
  }

  #lanesOf(circuit: Circuit): CircuitLane[] {
    return [...this.#lanes].filter((lane) => concerns(circuit, lane.handlers))
  }
}

function concerns(circuit: Circuit, handlers: readonly string[] | null): boolean {
  return handlers === null || circuit.handler === NOBODY || handlers.includes(circuit.handler)
}

function nameOf({ handler }: Circuit): string {
  return handler === NOBODY ? 'Handling' : `The handler "${handler}"`
}
