import { OccError } from '../../kernel/errors.ts'
import { holdsOrder, type Outcome, retry, thrown } from '../../kernel/shapes/outcome.ts'
import type { KafkaRecord } from '../../kernel/shapes/record.ts'
import { notAnswering } from '../not-answering.ts'
import type { Attempts } from './attempts.ts'
import type { LaneState } from './lane-state.ts'
import type { PendingRecord } from './pending-record.ts'

/** Default of `stuckAfter`, milliseconds. */
const STUCK_AFTER = 300_000

type Answers = ReadonlyArray<Outcome | 'untouched'>

/** Hands pending records of one partition to its processor, and waits for the answers. */
export class InFlight {
  readonly #state: LaneState
  readonly #attempts: Attempts
  readonly #isOrdered: boolean

  constructor(state: LaneState, attempts: Attempts) {
    this.#state = state
    this.#attempts = attempts
    this.#isOrdered = state.shared.options.order === 'partition'
  }

  /** One attempt at a record. What the processor throws is its answer. A promise may reject. */
  attempt(record: KafkaRecord): Outcome | Promise<Outcome> {
    const { processor, signal } = this.#state
    try {
      return processor.process(record, signal)
    } catch (problem) {
      return thrown(problem)
    }
  }

  /**
   * One attempt at these records: at one alone, or at a slice.
   * @param asSlice whether `processSlice` gets them; more than one only with it.
   */
  start(entries: readonly PendingRecord[], asSlice: boolean): void {
    for (const entry of entries) this.#begin(entry)
    const [only] = entries
    if (asSlice) this.await(entries, this.#attemptSlice(entries))
    else if (only !== undefined) {
      const outcome = this.attempt(only.record)
      if (outcome instanceof Promise) this.await(entries, outcome)
      else this.#settle(entries, outcome)
    }
  }

  /** Waits for an attempt that was begun at `startedAt` of the records. It takes one slot. */
  await(entries: readonly PendingRecord[], answers: Promise<Outcome | Answers>): void {
    const state = this.#state
    const slot = state.shared.limiter.enter()
    for (const entry of entries) entry.slot = slot
    state.inFlight += entries.length
    const answered = (settled: Outcome | Answers) => {
      slot.release()
      if (state.signal.aborted) return
      state.inFlight -= entries.length
      for (const entry of entries) {
        entry.isStuck = false
        entry.slot = null
      }
      this.#settle(entries, settled)
      state.answered()
    }
    void answers.then(answered, (problem) => answered(thrown(problem)))
  }

  /** @param answers one for each record. */
  #settle(entries: readonly PendingRecord[], answers: Outcome | Answers): void {
    const { meter } = this.#state
    const now = this.#state.now()
    for (const [index, entry] of entries.entries()) {
      const answer = 'kind' in answers ? answers : (answers[index] ?? unanswered(entry))
      if (answer === 'untouched') {
        this.#attempts.untouched(entry)
        continue
      }
      meter.handleSeconds.observe((now - entry.startedAt) / 1000 / entries.length)
      this.#attempts.settle(entry, answer)
    }
  }

  /** Never rejects. */
  async #attemptSlice(entries: readonly PendingRecord[]): Promise<Answers> {
    const { processor, signal } = this.#state
    try {
      const records = entries.map(({ record }) => record)
      return (await processor.processSlice?.(records, signal, this.#isOrdered)) ?? []
    } catch {
      return this.#oneByOne(entries)
    }
  }

  /** It is unknown which record made the slice fail, so each is attempted alone. */
  async #oneByOne(entries: readonly PendingRecord[]): Promise<Answers> {
    const answers: Outcome[] = []
    for (const { record } of entries) {
      const answer = await Promise.resolve(this.attempt(record)).catch(thrown)
      answers.push(answer)
      if (this.#state.signal.aborted || (this.#isOrdered && holdsOrder(answer))) break
    }
    return entries.map((_, index) => answers[index] ?? 'untouched')
  }

  /**
   * Logs each record that has been in flight for too long, once. Such records keep everything they
   * hold, so that nothing overlaps, but release their slot.
   */
  reportStuck(): void {
    const { processor, window, shared } = this.#state
    const now = this.#state.now()
    const before = now - (processor.stuckAfter ?? STUCK_AFTER)
    for (const entry of window.entries) {
      if (entry.slot === null || entry.isStuck || entry.startedAt >= before) continue
      entry.isStuck = true
      entry.slot.release()
      const { probes } = entry
      if (probes !== null) {
        const result = { failed: [probes], failure: null, after: 0 }
        shared.circuits.probes.probed(probes, entry, result)
      }
      const { topic, partition, offset } = entry.record
      const handlers = processor.handling?.(entry.record) ?? []
      shared.parts.log.error(
        { event: 'record.stuck', topic, partition, offset, handlers },
        `${notAnswering(handlers, now - entry.startedAt)} ` +
          'Records that must not overtake this one wait; other records continue.',
      )
    }
  }

  /** No answer counts any more. */
  close(): void {
    for (const entry of this.#state.window.entries) entry.slot?.release()
    this.#state.inFlight = 0
  }

  #begin(entry: PendingRecord): void {
    entry.startedAt = this.#state.now()
    entry.begunAt = this.#state.shared.circuits.moment
    if (entry.failure !== null) this.#state.meter.retries += 1
  }
}

/** A processor error: a missing answer never counts as handled. */
function unanswered({ record }: PendingRecord): Outcome {
  const text = `The handler gave no answer for offset ${record.offset} of its batch.`
  return retry(new OccError('OCC_NO_ANSWER', text), null)
}
