import type { KafkaRecord } from '../../kernel/record.ts'
import type { TopicMeter } from '../../observe/types.ts'
import { BY_NOBODY } from '../circuit/circuit-breakers.ts'
import type { CircuitLane } from '../circuit/circuit-lane.ts'
import type { Place } from '../concurrency-limiter.ts'
import type { Backpressure } from '../intake/backpressure.ts'
import type { Supply } from '../intake/supply.ts'
import type { SharedParts } from '../shared-parts.ts'
import type { BatchAnswer, BatchesAnswer, PartitionProcessor } from '../types.ts'
import type { Attempts } from './attempts.ts'
import type { InFlightWindow, WholeBatch } from './in-flight-window.ts'
import type { KeyQueues } from './key-queues.ts'
import { PendingRecord } from './pending-record.ts'
import type { Progress } from './progress.ts'

export interface WholesParts {
  readonly shared: SharedParts
  readonly lane: CircuitLane
  readonly processor: PartitionProcessor
  readonly meter: TopicMeter
  readonly supply: Supply
  readonly backpressure: Backpressure
  readonly progress: Progress
  readonly lines: KeyQueues
  readonly window: InFlightWindow
  readonly attempts: Attempts
  /** Aborts when no answer counts any more: that is the fence between assignments. */
  readonly signal: AbortSignal
  /** The record is handled, or left out by a rule. @param wallTime null: its time is known already. */
  finished(record: KafkaRecord, kind: 'ok' | 'skip', wallTime: number | null): void
  /** Answers have been settled. */
  answered(): void
}

/** Batches that went together, and take one place. */
interface Piece {
  readonly batches: readonly WholeBatch[]
  readonly place: Place
  /** Monotonic milliseconds. */
  readonly startedAt: number
  /** Of Circuits. */
  readonly begunAt: number
}

type Parts = Extract<BatchAnswer, { readonly kind: 'parts' }>

/**
 * Batches of one partition that are handed over as they came, for their processor to take apart in
 * another thread. Where all of it is done they are finished at once, and no record of them is ever
 * looked at here; where not, those records go on as any others.
 */
export class Wholes {
  readonly #parts: WholesParts
  readonly #mayBe: boolean
  readonly #isOrdered: boolean
  readonly #pieces = new Set<Piece>()
  #isEnding = false

  constructor(parts: WholesParts) {
    const { order, commitMode } = parts.shared.options
    this.#parts = parts
    this.#isOrdered = order === 'partition'
    this.#mayBe = order !== 'key' && commitMode === 'interval'
  }

  /** Pieces in hand. */
  get count(): number {
    return this.#pieces.size
  }

  /** What comes behind those in hand has to wait for them. */
  get block(): boolean {
    return this.#isOrdered && this.#pieces.size > 0
  }

  /** Hands the next batches over. False: they are to be taken apart here. */
  hand(): boolean {
    const { shared, processor, lines, attempts, supply, signal, backpressure } = this.#parts
    const { limiter, circuits, parts } = shared
    if (!this.#mayBe || this.#isEnding || processor.processBatches === undefined) return false
    const isFree = supply.opened === 0 && lines.ready === 0 && lines.free && attempts.suspects === 0
    if (!isFree) return false
    const startedAt = parts.clock.monotonic()
    const batches = this.#take(startedAt)
    if (batches.length === 0) return false
    backpressure.resumeIfDrained()
    limiter.passed(recordsOf(batches))
    const place = limiter.enter()
    const piece = { batches, place, startedAt, begunAt: circuits.moment }
    this.#pieces.add(piece)
    const own = batches.map(({ batch }) => batch)
    // Async, so that what it throws is a rejection too.
    void this.#await(
      piece,
      (async () => (await processor.processBatches?.(own, signal, this.#isOrdered)) ?? NO_ANSWER)(),
    )
    return true
  }

  /** No record is begun any more. */
  end(): void {
    if (!this.#isEnding && this.#pieces.size > 0) this.#parts.processor.halt?.()
    this.#isEnding = true
  }

  /** No answer counts any more. */
  close(): void {
    for (const { place } of this.#pieces) place.leave()
    this.#pieces.clear()
  }

  /** As many of those at the front as may go together. */
  #take(takenAt: number): WholeBatch[] {
    const { shared, processor, supply, progress, window } = this.#parts
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
      // What an earlier assignment has finished of it is left out record by record.
      if (!hasRoom || !shared.limiter.allows(records) || progress.inheritsFrom(batch.from)) break
      const whole = { batch, arrived: supply.shiftWhole(batch), takenAt, isOld: false }
      window.addWhole(whole)
      taken.push(whole)
    }
    return taken
  }

  async #await(piece: Piece, answers: Promise<BatchesAnswer>): Promise<void> {
    const { signal, answered } = this.#parts
    let answer: BatchesAnswer
    try {
      answer = await answers
    } catch {
      // What is wrong shows where their records are handed over one by one.
      answer = NO_ANSWER
    }
    piece.place.leave()
    if (signal.aborted) return
    this.#settle(piece, answer)
    // Not before: nothing from behind it is handed over meanwhile, be it as a probe.
    this.#pieces.delete(piece)
    answered()
  }

  #settle(piece: Piece, { batches, succeeded, times }: BatchesAnswer): void {
    const { shared, lane, meter, window } = this.#parts
    const { circuits } = shared
    if (circuits.areTroubled) {
      const isDecoded = batches.some((answer) => answer.kind === 'done' && answer.bytes > 0)
      circuits.succeeded([], isDecoded, lane, null, piece.begunAt)
      for (const names of succeeded) {
        circuits.succeeded(names ?? BY_NOBODY, false, lane, null, piece.begunAt)
      }
    }
    if (times !== null) {
      meter.handleSeconds.add(times.handle.counts, times.handle.sum)
      meter.endToEndSeconds.add(times.endToEnd.counts, times.endToEnd.sum)
    }
    let isGivenUp = false
    for (const [index, whole] of piece.batches.entries()) {
      const answer = batches[index] ?? UNTOUCHED
      // What comes behind a batch that cannot be read is fetched again with it.
      if (!isGivenUp) isGivenUp = this.#settleBatch(piece, whole, answer, times !== null)
      window.deleteWhole(whole)
      whole.batch.free?.()
    }
  }

  /** True: it is given up, with all that is behind it. */
  #settleBatch(piece: Piece, whole: WholeBatch, answer: BatchAnswer, isTimed: boolean): boolean {
    const { progress, supply, meter } = this.#parts
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
        if (this.#isEnding) return true
        supply.giveUpWhole(whole, answer.error)
        return true
      case 'untouched': {
        // The next owner handles it.
        if (this.#isEnding) return false
        const records = supply.read(whole)
        if (records === null) return true
        this.#settleParts(piece, whole, { kind: 'parts', records, answers: [] }, true)
        return false
      }
    }
  }

  /**
   * What is done is finished, what failed goes on as after any attempt, and what was not begun goes
   * back to where it is taken from.
   */
  #settleParts(piece: Piece, whole: WholeBatch, parts: Parts, isTimed: boolean): void {
    const { shared, attempts, supply, progress } = this.#parts
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
    if (!this.#isEnding) supply.putBack(records.slice(begun), whole.batch.bytes)
    const { clock } = shared.parts
    const seconds = (clock.monotonic() - piece.startedAt) / 1000 / Math.max(1, begun)
    for (let index = 0; index < begun; index++) {
      const record = records[index]
      const answer = answers[index] ?? 'untouched'
      const entry = entries.get(index)
      if (record === undefined) continue
      if (answer === 'untouched') {
        if (entry !== undefined) attempts.untouched(entry)
        continue
      }
      if (!isTimed) this.#parts.meter.handleSeconds.observe(seconds)
      if (entry !== undefined) attempts.settle(entry, answer)
      else this.#finish(piece, record, answer, isTimed ? null : clock.now())
    }
  }

  #finish(
    { begunAt }: Piece,
    record: KafkaRecord,
    answer: Parameters<Attempts['settle']>[1],
    wallTime: number | null,
  ): void {
    const { shared, lane, finished } = this.#parts
    const { circuits } = shared
    if (circuits.areTroubled) circuits.heard(answer, record, lane, null, begunAt)
    finished(record, answer.kind === 'ok' ? 'ok' : 'skip', wallTime)
  }

  /** As if it had been taken by itself, and handed over. */
  #enter(record: KafkaRecord, { startedAt, begunAt }: Piece): PendingRecord {
    const entry = new PendingRecord(record, null, startedAt)
    entry.startedAt = startedAt
    entry.begunAt = begunAt
    this.#parts.window.add(entry)
    this.#parts.lines.addRunning(entry)
    return entry
  }
}

const UNTOUCHED: BatchAnswer = { kind: 'untouched' }
const NO_ANSWER: BatchesAnswer = { batches: [], succeeded: [], times: null }

function recordsOf(batches: readonly WholeBatch[]): number {
  return batches.reduce((sum, { batch }) => sum + batch.count, 0)
}
