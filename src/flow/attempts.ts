import type { Log } from '../kernel/log.ts'
import type { Outcome, RetryOutcome } from '../kernel/outcome.ts'
import type { KafkaRecord } from '../kernel/record.ts'
import { backoffAfter } from './backoff.ts'
import type { Circuit } from './circuit.ts'
import type { CircuitLane, Circuits } from './circuits.ts'
import type { Entry } from './entry.ts'
import type { Keeping } from './keeping.ts'
import type { Lines } from './lines.ts'
import { Suspects } from './suspects.ts'
import type { FlowOptions } from './types.ts'
import type { Window } from './window.ts'

/** Milliseconds that a timer can take; with more of them it would be over at once. */
const LONGEST_PAUSE = 2 ** 31 - 1
/** Milliseconds between two lines about pauses that were cut: each record may ask for one. */
const SAY_CUT_AGAIN = 60_000

export interface AttemptsParts {
  readonly options: FlowOptions
  readonly circuits: Circuits
  readonly lines: Lines
  readonly window: Window
  readonly keeping: Keeping
  readonly lane: CircuitLane
  readonly log: Log
  /** From 0 to 1. */
  random(): number
  /** Monotonic milliseconds. */
  now(): number
  /** The record is handled, or left out by a rule. */
  finished(record: KafkaRecord, outcome: 'ok' | 'skip'): void
  /** No attempt at this record follows. */
  settled(record: KafkaRecord): void
  /** The partition takes no more, and this record is what its others wait for. */
  blocks(entry: Entry): boolean
  /** Something became ready. */
  wake(): void
}

/**
 * What follows an attempt at a record of one partition: it is finished, tried again, set aside, or
 * given up. Given up is only what failed all its attempts while its handler succeeded with others.
 */
export class Attempts {
  readonly #parts: AttemptsParts
  readonly #suspects: Suspects
  #isEnding = false
  /** Monotonic milliseconds. */
  #saidCutAt = Number.NEGATIVE_INFINITY

  constructor(parts: AttemptsParts) {
    this.#parts = parts
    this.#suspects = new Suspects(parts.options.circuit, parts.lane, () => this.#tryAgain())
  }

  get suspects(): number {
    return this.#suspects.size
  }

  /** @param entry was running. */
  settle(entry: Entry, outcome: Outcome): void {
    const { lines, circuits, lane } = this.#parts
    lines.ended(entry)
    const probed = entry.probes
    entry.probes = null
    if (outcome.kind !== 'skip' && circuits.areTroubled) {
      if (outcome.kind === 'ok' || outcome.handlers !== undefined) {
        circuits.succeeded(outcome.handlers, lane, entry)
      }
    }
    if (outcome.kind === 'retry') this.#failed(entry, outcome)
    else this.#over(entry, outcome)
    if (probed !== null) {
      const isFailed = outcome.kind === 'retry' && circuits.of(outcome.handler) === probed
      circuits.probed(probed, entry, isFailed)
    }
  }

  /** Part of a slice, and not begun. */
  untouched(entry: Entry): void {
    const { lines, circuits } = this.#parts
    const probed = entry.probes
    entry.probes = null
    lines.ended(entry)
    if (this.#isEnding) this.#drop(entry)
    else lines.back(entry)
    if (probed !== null) circuits.probed(probed, entry, false)
  }

  /** Suspects that a new record must not overtake are tried once more before it. */
  makeWay(entry: Entry): void {
    for (const suspect of this.#suspects.all) {
      if (this.#parts.lines.areBound(suspect, entry)) this.#revive(suspect)
    }
  }

  /** The handler of a suspect works. */
  confirmed(suspect: Entry, by: Entry | null): void {
    this.#suspects.relax()
    const isOvertaken =
      by !== null && by.offset > suspect.offset && this.#parts.lines.areBound(suspect, by)
    if (!isOvertaken) {
      this.#revive(suspect)
      return
    }
    // To succeed now would be to swap with the other.
    this.#suspects.delete(suspect)
    this.#giveUp(suspect)
  }

  /** Whatever failed because of this handler begins anew, in its order. */
  pardon(circuit: Circuit): void {
    for (const entry of [...this.#parts.window.entries]) {
      if (entry.circuit !== circuit || entry.state === 'keeping') continue
      if (entry.state === 'suspect') this.#revive(entry)
      entry.attempts = 0
    }
  }

  /** No further attempt is begun: what waits for one is dropped, and will be handled elsewhere. */
  end(): void {
    this.#isEnding = true
    this.#suspects.clear()
    for (const entry of [...this.#parts.window.entries]) {
      clearTimeout(entry.timer)
      if (entry.state !== 'running' && entry.state !== 'keeping') this.#drop(entry)
    }
  }

  #over(entry: Entry, outcome: Exclude<Outcome, RetryOutcome>): void {
    const { lines, window, finished, settled } = this.#parts
    lines.remove(entry)
    if (outcome.kind === 'dead') {
      entry.attempts += 1
      entry.state = 'keeping'
      settled(entry.record)
      void this.#parts.keeping.keep(entry, outcome.error, outcome.handler)
      return
    }
    window.delete(entry)
    if (entry.failure !== null) settled(entry.record)
    finished(entry.record, outcome.kind)
  }

  #failed(entry: Entry, outcome: RetryOutcome): void {
    const { options, circuits, lines, now } = this.#parts
    entry.failure = outcome
    entry.failedFirstAt ??= now()
    if (this.#isEnding) {
      this.#drop(entry)
      return
    }
    const circuit = circuits.of(outcome.handler)
    if (entry.circuit !== circuit) {
      entry.circuit = circuit
      entry.failedAt = circuits.nextMoment()
    }
    // While it is known to be away, that says nothing about the record.
    if (circuit.stops || circuits.failed(circuit, entry)) {
      lines.back(entry)
      return
    }
    entry.attempts += 1
    if (entry.attempts < options.retry.attempts) {
      this.#wait(entry, outcome.after)
      return
    }
    lines.remove(entry)
    if (circuit.hasWorkedSince(entry) || this.#isTooLong(entry)) this.#giveUp(entry)
    else this.#suspects.add(entry)
  }

  #wait(entry: Entry, after: number | null): void {
    const { options, lines, random, wake } = this.#parts
    if (!lines.wait(entry)) return
    const wanted = after === null || Number.isNaN(after) ? undefined : after
    const { maxAfter = LONGEST_PAUSE } = options.retry
    if (wanted !== undefined && wanted > maxAfter) this.#sayCut(entry, wanted, maxAfter)
    const pause =
      wanted === undefined
        ? backoffAfter(entry.attempts, options.retry, random())
        : Math.min(wanted, maxAfter)
    entry.timer = setTimeout(() => {
      lines.back(entry)
      wake()
    }, pause)
  }

  #sayCut({ record, failure }: Entry, wanted: number, maxAfter: number): void {
    const { log, now } = this.#parts
    if (now() - this.#saidCutAt < SAY_CUT_AGAIN) return
    this.#saidCutAt = now()
    const { topic, partition, offset } = record
    const handler = failure?.handler ?? null
    log.warn(
      { event: 'retry.cut', topic, partition, offset, handler, after: wanted, maxAfter },
      `${handler === null ? 'Handling' : `The handler "${handler}"`} asked for another attempt in ${Math.round(wanted / 1000)} s; ` +
        `it comes in ${Math.round(maxAfter / 1000)} s (retry.maxAfter). Said once a minute for a partition.`,
    )
  }

  #isTooLong(entry: Entry): boolean {
    const { options, blocks, now } = this.#parts
    const failing = now() - (entry.failedFirstAt ?? now())
    return failing > options.circuit.patience && blocks(entry)
  }

  #giveUp(entry: Entry): void {
    const { keeping, settled } = this.#parts
    const { failure } = entry
    if (failure === null) return
    entry.state = 'keeping'
    settled(entry.record)
    void keeping.keep(entry, failure.error, failure.deadFor ?? failure.handler)
  }

  /** One more attempt, in its old place. */
  #revive(suspect: Entry): void {
    const { options, lines, wake } = this.#parts
    this.#suspects.delete(suspect)
    suspect.attempts = Math.min(suspect.attempts, options.retry.attempts - 1)
    lines.add(suspect)
    wake()
  }

  #tryAgain(): void {
    for (const suspect of this.#suspects.all) this.#revive(suspect)
  }

  #drop(entry: Entry): void {
    if (entry.state !== 'suspect') this.#parts.lines.remove(entry)
    this.#parts.window.delete(entry)
  }
}
