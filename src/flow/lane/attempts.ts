import type { Log } from '../../kernel/log.ts'
import type { Outcome, RetryOutcome } from '../../kernel/outcome.ts'
import type { KafkaRecord } from '../../kernel/record.ts'
import type { CircuitBreaker } from '../circuit/circuit-breaker.ts'
import type { CircuitBreakers } from '../circuit/circuit-breakers.ts'
import type { CircuitLane } from '../circuit/circuit-lane.ts'
import type { FlowOptions } from '../types.ts'
import { backoffAfter, boundedPause } from './backoff.ts'
import type { DeadLetterWriter } from './dead-letter-writer.ts'
import type { InFlightWindow } from './in-flight-window.ts'
import type { KeyQueues } from './key-queues.ts'
import type { PendingRecord } from './pending-record.ts'
import { Suspects } from './suspects.ts'

/** Milliseconds between two lines about pauses that were cut: each record may ask for one. */
const SAY_CUT_AGAIN = 60_000

export interface AttemptsParts {
  readonly options: FlowOptions
  readonly circuits: CircuitBreakers
  readonly lines: KeyQueues
  readonly window: InFlightWindow
  readonly letters: DeadLetterWriter
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
  blocks(entry: PendingRecord): boolean
  /** Something became ready. */
  wake(): void
}

/**
 * What follows an attempt at a record of one partition: it is finished, tried again, set aside, or
 * given up. Given up is only what its handler says is dead, and what failed while its handler
 * succeeded with others.
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
  settle(entry: PendingRecord, outcome: Outcome): void {
    const { lines, circuits, lane } = this.#parts
    lines.ended(entry)
    const probed = entry.probes
    entry.probes = null
    if (circuits.areTroubled) circuits.heard(outcome, entry.record, lane, entry)
    const isFailed = outcome.kind === 'retry'
    if (isFailed) this.#failed(entry, outcome, probed)
    else this.#over(entry, outcome)
    if (probed === null) return
    const failed = isFailed ? entry.troubles.map(({ circuit }) => circuit) : []
    const after = isFailed
      ? (boundedPause(outcome.after, this.#parts.options.retry.maxAfter) ?? 0)
      : 0
    circuits.probed(probed, lane, entry, { failed, failure: isFailed ? outcome : null, after })
  }

  /** Part of a slice, and not begun. */
  untouched(entry: PendingRecord): void {
    const { lines, circuits, lane } = this.#parts
    const probed = entry.probes
    entry.probes = null
    lines.ended(entry)
    if (this.#isEnding) this.#drop(entry)
    else lines.back(entry)
    if (probed !== null)
      circuits.probed(probed, lane, entry, { failed: [], failure: null, after: 0 })
  }

  /** Suspects that a new record must not overtake are tried once more before it. */
  makeWay(entry: PendingRecord): void {
    for (const suspect of this.#suspects.all) {
      if (mayBeTried(suspect) && this.#parts.lines.areBound(suspect, entry)) this.#revive(suspect)
    }
  }

  /** The handler of a suspect works. */
  confirmed(suspect: PendingRecord, by: PendingRecord | null): void {
    this.#suspects.relax()
    const isOvertaken =
      by !== null && by.offset > suspect.offset && this.#parts.lines.areBound(suspect, by)
    // What began before it failed is no evidence, and another attempt helps the world's fault only.
    if (!isOvertaken && suspect.failure?.fault === 'record' && !isProven(suspect)) return
    if (!isOvertaken && !isUndecodable(suspect)) {
      this.#revive(suspect)
      return
    }
    // To succeed now would be to swap with the other.
    this.#suspects.delete(suspect)
    this.#giveUp(suspect)
  }

  /** Whatever failed because of this handler begins anew, in its order. @param isOver it works again. */
  resetAttempts(circuit: CircuitBreaker, isOver: boolean): void {
    for (const entry of [...this.#parts.window.entries]) {
      const isIts = entry.troubles.some((trouble) => trouble.circuit === circuit)
      if (!isIts || entry.state === 'keeping' || isUndecodable(entry)) continue
      if (entry.state === 'suspect') this.#revive(entry)
      entry.attempts = 0
      if (!isOver) continue
      entry.failedFirstAt = null
      // The success that ended it is no evidence against what failed in it: it may begin again at once.
      for (const trouble of entry.troubles) if (trouble.circuit === circuit) trouble.failedAt = null
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

  #over(entry: PendingRecord, outcome: Exclude<Outcome, RetryOutcome>): void {
    const { lines, window, finished, settled } = this.#parts
    lines.remove(entry)
    if (outcome.kind === 'dead') {
      entry.attempts += 1
      entry.state = 'keeping'
      settled(entry.record)
      void this.#parts.letters.keep(entry, outcome.error, outcome.handler)
      return
    }
    window.delete(entry)
    if (entry.failure !== null) settled(entry.record)
    finished(entry.record, outcome.kind)
  }

  #failed(entry: PendingRecord, outcome: RetryOutcome, probed: CircuitBreaker | null): void {
    const { options, circuits, lines, lane, now } = this.#parts
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
    const after = boundedPause(outcome.after, this.#parts.options.retry.maxAfter) ?? 0
    const open = entry.troubles.filter((trouble) => circuits.failed(trouble, outcome, after))
    if (isUndecodable(entry)) {
      this.#cannotBeDecoded(entry, open.length > 0)
      return
    }
    // While one of them is known to be away, that says nothing about the record.
    if (open.length > 0) {
      const isTried = open.some(({ circuit }) => circuit === probed)
      // Those behind it are tried next; then all of them go back to their places.
      if (isTried && outcome.fault === 'record') this.#setAside(entry)
      else lines.back(entry)
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
    lines.remove(entry)
    this.#giveUp(entry)
  }

  /** Once some of its topic have been decoded a few that cannot be are bad; a long run of them is not. */
  #cannotBeDecoded(entry: PendingRecord, isOpen: boolean): void {
    entry.attempts = 1
    if (isOpen || !entry.troubles.every(({ circuit }) => circuit.hasWorked)) {
      this.#setAside(entry)
      return
    }
    this.#parts.lines.remove(entry)
    this.#giveUp(entry)
  }

  #setAside(entry: PendingRecord): void {
    this.#parts.lines.remove(entry)
    this.#suspects.add(entry)
  }

  #wait(entry: PendingRecord, { after, fault }: RetryOutcome): void {
    const { options, lines, random, wake } = this.#parts
    if (!lines.wait(entry)) return
    const { maxAfter } = options.retry
    const wanted = boundedPause(after, maxAfter)
    if (after !== null && wanted !== null && wanted < after) this.#sayCut(entry, after, wanted)
    const own = backoffAfter(entry.attempts + entry.limited, options.retry, random())
    // Who asks for less and for no pause would be asked again without end.
    const pause = fault === 'limit' ? Math.max(own, wanted ?? 0) : (wanted ?? own)
    entry.timer = setTimeout(() => {
      lines.back(entry)
      wake()
    }, pause)
  }

  #sayCut({ record, failure }: PendingRecord, wanted: number, maxAfter: number): void {
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

  /** A suspect of whose handler nothing is heard is given up in the end, where it must not stay one. */
  #isTooLong(entry: PendingRecord, { fault }: RetryOutcome): boolean {
    const { options, blocks, now } = this.#parts
    const failing = now() - (entry.failedFirstAt ?? now())
    if (failing <= options.circuit.patience) return false
    // It failed again and again with an error of its own, in a handler that has worked.
    const isItsOwn = fault === 'record' && entry.troubles.every(({ circuit }) => circuit.hasWorked)
    return isItsOwn || blocks(entry)
  }

  #giveUp(entry: PendingRecord): void {
    const { letters, settled } = this.#parts
    const { failure } = entry
    if (failure === null) return
    entry.state = 'keeping'
    settled(entry.record)
    void letters.keep(entry, failure.error, failure.deadFor ?? failure.handler)
  }

  /** One more attempt, in its old place. */
  #revive(suspect: PendingRecord): void {
    const { options, lines, wake } = this.#parts
    this.#suspects.delete(suspect)
    suspect.attempts = Math.min(suspect.attempts, options.retry.attempts - 1)
    lines.add(suspect)
    wake()
  }

  #tryAgain(): void {
    for (const suspect of this.#suspects.all) if (mayBeTried(suspect)) this.#revive(suspect)
  }

  #drop(entry: PendingRecord): void {
    if (entry.state !== 'suspect') this.#parts.lines.remove(entry)
    this.#parts.window.delete(entry)
  }
}

/** All that failed with it have succeeded with another one since. */
function isProven({ troubles }: PendingRecord): boolean {
  return troubles.every((trouble) => trouble.circuit.hasWorkedSince(trouble))
}

function isUndecodable({ failure }: PendingRecord): boolean {
  return failure?.fault === 'decode'
}

/** Not what no attempt changes, nor what a probe has set aside. */
function mayBeTried(suspect: PendingRecord): boolean {
  return (
    !isUndecodable(suspect) && !suspect.troubles.some(({ circuit }) => circuit.openedAt !== null)
  )
}
