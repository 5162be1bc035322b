import type { KafkaRecord } from '../../kernel/shapes/record.ts'
import { BY_NOBODY } from '../circuit/circuit-lane.ts'
import type { Slot } from '../concurrency-limiter.ts'
import type { BatchAnswer, BatchesAnswer } from '../types.ts'
import type { Attempts } from './attempts.ts'
import type { WholeBatch } from './in-flight-window.ts'
import type { LaneState } from './lane-state.ts'
import { PendingRecord } from './pending-record.ts'

/** Batches that were handed over together and take one slot. */
interface Piece {
  readonly batches: readonly WholeBatch[]
  readonly slot: Slot
  /** Monotonic milliseconds. */
  readonly startedAt: number
  /** See CircuitBreakers.moment. */
  readonly begunAt: number
}

type Parts = Extract<BatchAnswer, { readonly kind: 'parts' }>

/**
 * Batches of one partition that are handed over whole, for their processor to open in another
 * thread. If everything in a batch is done, it is finished at once, and this thread never reads its
 * records. Otherwise its records continue like any others.
 */
export class WholeBatches {
  readonly #state: LaneState
  readonly #attempts: Attempts
  readonly #mayBe: boolean
  readonly #isOrdered: boolean
  readonly #pieces = new Set<Piece>()

  constructor(state: LaneState, attempts: Attempts) {
    const { order, commitMode } = state.shared.options
    this.#state = state
    this.#attempts = attempts
    this.#isOrdered = order === 'partition'
    this.#mayBe = order !== 'key' && commitMode === 'interval'
  }

  /** Records behind the pieces in flight must wait. */
  get block(): boolean {
    return this.#isOrdered && this.#pieces.size > 0
  }

  /**
   * Hands the next batches over; to be called only while no record is pending that they must not
   * overtake, and none is a suspect. False: they must be opened in this thread.
   */
  handOver(): boolean {
    const { shared, processor, intake, signal, isClosing } = this.#state
    const { limiter, circuits } = shared
    if (!this.#mayBe || isClosing || processor.processBatches === undefined) return false
    if (intake.supply.opened > 0) return false
    const startedAt = this.#state.now()
    const batches = this.#take(startedAt)
    if (batches.length === 0) return false
    intake.backpressure.resumeIfDrained()
    limiter.passed(recordsOf(batches))
    const slot = limiter.enter()
    const piece = { batches, slot, startedAt, begunAt: circuits.moment }
    this.#pieces.add(piece)
    const own = batches.map(({ batch }) => batch)
    // Async, so that an error it throws becomes a rejection.
    void this.#await(
      piece,
      (async () => (await processor.processBatches?.(own, signal, this.#isOrdered)) ?? NO_ANSWER)(),
    )
    return true
  }

  /** No further record is begun. */
  halt(): void {
    if (this.#pieces.size > 0) this.#state.processor.halt?.()
  }

  /** No answer counts any more. */
  close(): void {
    for (const { slot } of this.#pieces) slot.release()
    this.#pieces.clear()
  }

  /** As many front batches as may go together. */
  #take(takenAt: number): WholeBatch[] {
    const { shared, processor, intake, progress, window } = this.#state
    const { supply } = intake
    const limits = processor.batches
    const taken: WholeBatch[] = []
    if (limits === undefined) return taken
    let records = 0
    let bytes = 0
    for (let batch = supply.whole; batch !== null; batch = supply.whole) {
      records += batch.count
      bytes += batch.bytes
      if (taken.length > 0 && (records > limits.records || bytes > limits.bytes)) break
      const isSmall = batch.count <= limits.most
      const hasRoom = isSmall && window.takes(progress.held + batch.count, batch.bytes)
      // Records that an earlier assignment finished are skipped one by one.
      if (!hasRoom || !shared.limiter.allows(records) || progress.inheritsFrom(batch.from)) break
      const whole = { batch, arrived: supply.shiftWhole(batch), takenAt, isOld: false }
      window.addWhole(whole)
      taken.push(whole)
    }
    return taken
  }

  async #await(piece: Piece, answers: Promise<BatchesAnswer>): Promise<void> {
    let answer: BatchesAnswer
    try {
      answer = await answers
    } catch {
      // The cause shows when their records are handed over one by one.
      answer = NO_ANSWER
    }
    piece.slot.release()
    if (this.#state.signal.aborted) return
    this.#settle(piece, answer)
    // Only now, so that nothing behind the piece is handed over meanwhile, not even as a probe.
    this.#pieces.delete(piece)
    this.#state.answered()
  }

  #settle(piece: Piece, { batches, succeeded, times }: BatchesAnswer): void {
    const { shared, lane, meter, window } = this.#state
    const { circuits } = shared
    if (circuits.areTroubled) {
      const isDecoded = batches.some((answer) => answer.kind === 'done' && answer.bytes > 0)
      circuits.succeeded([], isDecoded, lane, null, piece.begunAt)
      for (const names of succeeded) {
        circuits.succeeded(names ?? BY_NOBODY, false, lane, null, piece.begunAt)
      }
    }
    if (times !== null) {
      meter.handleSeconds.add(times.handle)
      meter.endToEndSeconds.add(times.endToEnd)
    }
    let isGivenUp = false
    for (const [index, whole] of piece.batches.entries()) {
      const answer = batches[index] ?? UNTOUCHED
      // Everything behind a batch that cannot be read is fetched again with it.
      if (!isGivenUp) isGivenUp = this.#settleBatch(piece, whole, answer, times !== null)
      window.deleteWhole(whole)
      whole.batch.free?.()
    }
  }

  /** True: the batch is given up, with everything behind it. */
  #settleBatch(piece: Piece, whole: WholeBatch, answer: BatchAnswer, isTimed: boolean): boolean {
    const { progress, intake, meter, isClosing } = this.#state
    const { supply } = intake
    switch (answer.kind) {
      case 'done':
        meter.handled += answer.handled
        meter.skipped += answer.skipped
        progress.finishedWhole(whole.arrived, answer)
        return false
      case 'parts':
        this.#settleParts(piece, whole, answer, isTimed)
        return false
      case 'unreadable':
        if (isClosing) return true
        supply.giveUpWhole(whole, answer.error)
        return true
      case 'untouched': {
        // The next owner handles it.
        if (isClosing) return false
        const records = supply.read(whole)
        if (records === null) return true
        this.#settleParts(piece, whole, { kind: 'parts', records, answers: [] }, true)
        return false
      }
    }
  }

  /**
   * Finishes records that are done, passes failed ones on as after any attempt, and puts back those
   * that were not begun.
   */
  #settleParts(piece: Piece, whole: WholeBatch, parts: Parts, isTimed: boolean): void {
    const { shared, intake, progress, meter, isClosing } = this.#state
    const { records, answers } = parts
    progress.split(whole.arrived, records)
    const isBegun = (answer: (typeof answers)[number]) => answer !== 'untouched'
    const begun = Math.min(records.length, answers.findLastIndex(isBegun) + 1)
    const entries = new Map<number, PendingRecord>()
    for (let index = 0; index < begun; index++) {
      const record = records[index]
      const answer = answers[index] ?? 'untouched'
      const isOver = answer !== 'untouched' && (answer.kind === 'ok' || answer.kind === 'skip')
      if (record !== undefined && !isOver) entries.set(index, this.#enter(record, piece))
    }
    if (!isClosing) intake.supply.putBack(records.slice(begun), whole.batch.bytes)
    const seconds = (this.#state.now() - piece.startedAt) / 1000 / Math.max(1, begun)
    for (let index = 0; index < begun; index++) {
      const record = records[index]
      const answer = answers[index] ?? 'untouched'
      const entry = entries.get(index)
      if (record === undefined) continue
      if (answer === 'untouched') {
        if (entry !== undefined) this.#attempts.untouched(entry)
        continue
      }
      if (!isTimed) meter.handleSeconds.observe(seconds)
      if (entry !== undefined) this.#attempts.settle(entry, answer)
      else this.#finish(piece, record, answer, isTimed ? null : shared.parts.clock.now())
    }
  }

  #finish(
    { begunAt }: Piece,
    record: KafkaRecord,
    answer: Parameters<Attempts['settle']>[1],
    wallTime: number | null,
  ): void {
    const { shared, lane } = this.#state
    const { circuits } = shared
    if (circuits.areTroubled) circuits.observe(answer, record, lane, null, begunAt)
    this.#state.finished(record, answer.kind === 'ok' ? 'ok' : 'skip', wallTime)
  }

  /** Adds the record as if it had been taken alone and handed over. */
  #enter(record: KafkaRecord, { startedAt, begunAt }: Piece): PendingRecord {
    const entry = new PendingRecord(record, null, startedAt)
    entry.startedAt = startedAt
    entry.begunAt = begunAt
    this.#state.window.add(entry)
    this.#state.keyQueues.addRunning(entry)
    return entry
  }
}

const UNTOUCHED: BatchAnswer = { kind: 'untouched' }
const NO_ANSWER: BatchesAnswer = { batches: [], succeeded: [], times: null }

function recordsOf(batches: readonly WholeBatch[]): number {
  return batches.reduce((sum, { batch }) => sum + batch.count, 0)
}
