import { OccError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import { holdsOrder, type Outcome, retry, thrown } from '../../kernel/outcome.ts'
import type { TopicMeter } from '../../observe/types.ts'
import type { CircuitBreakers } from '../circuit/circuit-breakers.ts'
import type { CircuitLane } from '../circuit/circuit-lane.ts'
import type { ConcurrencyLimiter } from '../concurrency-limiter.ts'
import type { PartitionProcessor } from '../types.ts'
import { attemptAt } from './attempt-at.ts'
import type { InFlightWindow } from './in-flight-window.ts'
import type { PendingRecord } from './pending-record.ts'

/** Default of `stuckAfter`, milliseconds. */
const STUCK_AFTER = 300_000

export interface InFlightParts {
  readonly processor: PartitionProcessor
  readonly limiter: ConcurrencyLimiter
  readonly window: Pick<InFlightWindow, 'entries'>
  readonly meter: TopicMeter
  /** Aborts when no answer counts any more: the fence between assignments. */
  readonly signal: AbortSignal
  /** Monotonic milliseconds. */
  now(): number
  /** See CircuitBreakers.moment. */
  moment(): number
  settle(entry: PendingRecord, outcome: Outcome): void
  /** The record was part of a slice, and not begun. */
  untouched(entry: PendingRecord): void
  /** Asynchronous answers have been settled. */
  answered(): void
}

/** Hands pending records of one partition to its processor, and waits for the answers. */
export class InFlight {
  readonly #parts: InFlightParts
  #count = 0

  constructor(parts: InFlightParts) {
    this.#parts = parts
  }

  get count(): number {
    return this.#count
  }

  /** One attempt at a record. */
  start(entry: PendingRecord): void {
    const { processor, signal, meter } = this.#parts
    this.#begin(entry)
    const outcome = attemptAt(processor, entry.record, signal)
    if (outcome instanceof Promise) {
      this.await(entry, outcome)
      return
    }
    meter.handleSeconds.observe((this.#parts.now() - entry.startedAt) / 1000)
    this.#parts.settle(entry, outcome)
  }

  /** One attempt at several records, which takes one slot. */
  startSlice(entries: readonly PendingRecord[], ordered: boolean): void {
    const { processor, signal } = this.#parts
    for (const entry of entries) this.#begin(entry)
    const records = entries.map(({ record }) => record)
    // Async, so that an error it throws becomes a rejection.
    const answers = (async () => (await processor.processSlice?.(records, signal, ordered)) ?? [])()
    void this.#awaitSlice(entries, answers, ordered)
  }

  /** Waits for an attempt that was begun at `entry.startedAt`. */
  await(entry: PendingRecord, outcome: Promise<Outcome>): void {
    entry.slot = this.#parts.limiter.enter()
    this.#count += 1
    void outcome.then(
      (settled) => this.#answered(entry, settled),
      (problem) => this.#answered(entry, thrown(problem)),
    )
  }

  #answered(entry: PendingRecord, outcome: Outcome): void {
    const { signal, meter, now, settle, answered } = this.#parts
    entry.slot?.release()
    if (signal.aborted) return
    this.#end(entry)
    meter.handleSeconds.observe((now() - entry.startedAt) / 1000)
    settle(entry, outcome)
    answered()
  }

  async #awaitSlice(
    entries: readonly PendingRecord[],
    answers: Promise<ReadonlyArray<Outcome | 'untouched'>>,
    ordered: boolean,
  ): Promise<void> {
    const { limiter, signal, meter, now, settle, untouched, answered } = this.#parts
    const slot = limiter.enter()
    for (const entry of entries) entry.slot = slot
    this.#count += entries.length
    let outcomes: Awaited<typeof answers>
    try {
      outcomes = await answers
    } catch {
      outcomes = await this.#oneByOne(entries, ordered)
    }
    slot.release()
    if (signal.aborted) return
    for (const entry of entries) this.#end(entry)
    for (const [index, entry] of entries.entries()) {
      const outcome = outcomes[index] ?? unanswered(entry)
      if (outcome === 'untouched') {
        untouched(entry)
        continue
      }
      meter.handleSeconds.observe((now() - entry.startedAt) / 1000 / entries.length)
      settle(entry, outcome)
    }
    answered()
  }

  /** It is unknown which record made the slice fail, so each is attempted alone. */
  async #oneByOne(
    entries: readonly PendingRecord[],
    ordered: boolean,
  ): Promise<Array<Outcome | 'untouched'>> {
    const { processor, signal } = this.#parts
    const outcomes: Array<Outcome | 'untouched'> = []
    for (const { record } of entries) {
      let outcome: Outcome
      try {
        outcome = await processor.process(record, signal)
      } catch (problem) {
        outcome = thrown(problem)
      }
      outcomes.push(outcome)
      if (signal.aborted || (ordered && holdsOrder(outcome))) break
    }
    return entries.map((_, index) => outcomes[index] ?? 'untouched')
  }

  /**
   * Logs each record that has been in flight for too long, once. Such records keep everything they
   * hold, so that nothing overlaps, but release their slot.
   */
  reportStuck(log: Log, circuits: CircuitBreakers, lane: CircuitLane): void {
    const { processor, now, window } = this.#parts
    const before = now() - (processor.stuckAfter ?? STUCK_AFTER)
    for (const entry of window.entries) {
      if (entry.slot === null || entry.isStuck || entry.startedAt >= before) continue
      entry.isStuck = true
      entry.slot.release()
      if (entry.probes !== null) {
        circuits.probed(entry.probes, lane, entry, {
          failed: [entry.probes],
          failure: null,
          after: 0,
        })
      }
      const { topic, partition, offset } = entry.record
      log.error(
        { event: 'record.stuck', topic, partition, offset },
        `The handler has not answered for ${Math.round((now() - entry.startedAt) / 1000)} s and ignores its abort signal. ` +
          'Records that must not overtake this one wait; other records continue.',
      )
    }
  }

  /** No answer counts any more. */
  close(): void {
    for (const entry of this.#parts.window.entries) entry.slot?.release()
    this.#count = 0
  }

  #begin(entry: PendingRecord): void {
    entry.startedAt = this.#parts.now()
    entry.begunAt = this.#parts.moment()
    if (entry.failure !== null) this.#parts.meter.retries += 1
  }

  #end(entry: PendingRecord): void {
    this.#count -= 1
    entry.isStuck = false
    entry.slot = null
  }
}

/** A processor error: a missing answer never counts as handled. */
function unanswered({ record }: PendingRecord): Outcome {
  const text = `The handler gave no answer for offset ${record.offset} of its batch.`
  return retry(new OccError('OCC_NO_ANSWER', text), null)
}
