import type { BatchDamage } from '../../broker/types.ts'
import type { KafkaRecord } from '../../kernel/record.ts'
import type { TopicMeter } from '../../observe/types.ts'
import type { CircuitBreaker } from '../circuit/circuit-breaker.ts'
import type { CircuitLane } from '../circuit/circuit-lane.ts'
import type { Backpressure } from '../intake/backpressure.ts'
import type { Supply } from '../intake/supply.ts'
import type { SharedParts } from '../shared-parts.ts'
import type { PartitionProcessor, SliceOptions } from '../types.ts'
import { attemptAt } from './attempt-at.ts'
import type { Attempts } from './attempts.ts'
import type { DeadLetterWriter } from './dead-letter-writer.ts'
import type { InFlight } from './in-flight.ts'
import type { InFlightWindow } from './in-flight-window.ts'
import type { KeyQueues } from './key-queues.ts'
import { PendingRecord } from './pending-record.ts'
import type { Progress } from './progress.ts'
import { SliceFilling } from './slice-filling.ts'
import { Wholes } from './whole-batches.ts'

/** Records taken in search of one that is not behind another, before the next lane has its turn. */
const SEARCH = 64

export interface DispatchParts {
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
  readonly inFlight: InFlight
  readonly letters: DeadLetterWriter
  readonly signal: AbortSignal
  /**
   * The record is handled, or left out by a rule. @param wallTime milliseconds since the epoch; null:
   * how long it took is counted already.
   */
  finished(record: KafkaRecord, kind: 'ok' | 'skip', wallTime: number | null): void
  /** Answers that came later have been settled. */
  answered(): void
  wake(): void
}

/** Which record of one partition is handed over next: from its supply to its processor. */
export class Dispatch {
  readonly #parts: DispatchParts
  readonly #isKeyed: boolean
  readonly #isOrdered: boolean
  readonly wholes: Wholes
  #slices: SliceOptions | undefined
  /** By `#slices`. */
  #lastFilling: SliceFilling | null = null
  #probesNewest = false

  constructor(parts: DispatchParts) {
    this.#parts = parts
    const { order } = parts.shared.options
    this.#isKeyed = order === 'key'
    this.#isOrdered = order === 'partition'
    this.wholes = new Wholes(parts)
  }

  /** null: one record at a time is handed over. The processor may come to want it otherwise. */
  get #filling(): SliceFilling | null {
    const { slice, processSlice } = this.#parts.processor
    if (slice !== this.#slices) {
      this.#slices = slice
      this.#lastFilling?.went()
      const hasSlices = slice !== undefined && slice.size > 1 && processSlice !== undefined
      this.#lastFilling = hasSlices ? new SliceFilling(slice, this.#parts.wake) : null
    }
    return this.#lastFilling
  }

  get hasWork(): boolean {
    if (this.#filling?.waits) return false
    return this.#parts.lines.ready > 0 || this.#mayTake
  }

  get #mayTake(): boolean {
    const { lines, supply } = this.#parts
    if (this.wholes.block) return false
    // Last, as it may make the partition wait for memory.
    return supply.length > 0 && lines.open && this.hasRoom && supply.isReady
  }

  get hasRoom(): boolean {
    return this.#parts.window.hasRoom(this.windowRecords)
  }

  /** Records from the lowest unfinished one to the newest one taken. */
  get windowRecords(): number {
    return Math.max(0, this.#parts.progress.held - this.#parts.supply.opened)
  }

  /**
   * One record, or slice. @param started monotonic milliseconds: now. @param wallOffset from there
   * to the wall clock. Returns the monotonic time of the end.
   */
  next(started: number, wallOffset: number): number {
    const { lines, attempts } = this.#parts
    if (lines.ready === 0 && this.wholes.hand()) return performance.now()
    const isPlain = lines.ready === 0 && lines.free && attempts.suspects === 0
    const filling = this.#filling
    if (isPlain && filling === null) return this.#handleNext(started, wallOffset)
    if (filling === null) this.#handOver()
    else this.#handOverSlice(filling)
    return performance.now()
  }

  /** There may be more for a slice than there was. */
  look(): void {
    this.#filling?.look()
  }

  stop(): void {
    this.#filling?.went()
    this.wholes.end()
  }

  /** Hands one record over to try a handler out. False: there is none. */
  probe(circuit: CircuitBreaker): boolean {
    const { lines, inFlight, wake } = this.#parts
    // The first record by turns with a new one, where the order allows: the first may be bad.
    this.#pull(lines.available + 1)
    const entry = this.#probesNewest ? lines.last() : lines.next()
    if (entry === undefined) return false
    this.#probesNewest = !this.#probesNewest
    circuit.isDue = false
    circuit.probing = entry
    entry.probes = circuit
    if (this.#filling === null) inFlight.give(entry)
    else inFlight.giveSlice([entry], this.#isOrdered)
    // Where it was answered at once, what it held may go on.
    wake()
    return true
  }

  /** Nothing is in the way of the queue's next record: no entry, if it is handled at once. */
  #handleNext(started: number, wallOffset: number): number {
    const { shared, processor, meter, inFlight, lines, attempts, signal } = this.#parts
    const { supply, backpressure } = this.#parts
    const isOpened = supply.opened > 0
    const record = this.#take()
    // To take a batch apart is no part of handling its first record.
    const begun = isOpened ? started : performance.now()
    if (record === undefined) return begun
    shared.limiter.passed(1)
    const outcome = attemptAt(processor, record, signal)
    const now = performance.now()
    if (!(outcome instanceof Promise)) {
      meter.handleSeconds.observe((now - begun) / 1000)
      if (outcome.kind === 'ok' || outcome.kind === 'skip') {
        const { circuits } = shared
        if (circuits.areTroubled) circuits.heard(outcome, record, this.#parts.lane, null)
        this.#parts.finished(record, outcome.kind, now + wallOffset)
        backpressure.resumeIfDrained()
        return now
      }
    }
    const entry = this.#enter(record)
    lines.addRunning(entry)
    if (outcome instanceof Promise) inFlight.await(entry, outcome)
    else attempts.settle(entry, outcome)
    return now
  }

  #handOver(): void {
    const { shared, lines, inFlight } = this.#parts
    if (lines.ready === 0) this.#pull(1)
    const entry = lines.next()
    if (entry === undefined) return
    shared.limiter.passed(1)
    inFlight.give(entry)
  }

  #handOverSlice(filling: SliceFilling): void {
    const { shared, lines, inFlight } = this.#parts
    this.#pull(filling.size)
    const { available } = lines
    if (available === 0 || !filling.mayGo(available)) return
    filling.went()
    const entries = lines.nextSlice(filling.size)
    shared.limiter.passed(entries.length)
    inFlight.giveSlice(entries, this.#isOrdered)
  }

  /** Takes records until so many could be handed over. */
  #pull(wanted: number): void {
    const { lines, attempts } = this.#parts
    for (let taken = 0; taken < wanted + SEARCH; taken++) {
      if (lines.available >= wanted || !this.#mayTake) return
      const record = this.#take()
      if (record === undefined) continue
      const entry = this.#enter(record)
      attempts.makeWay(entry)
      lines.add(entry)
    }
  }

  /** The next record; undefined also when there is nothing to hand over of that one. */
  #take(): KafkaRecord | undefined {
    const { supply, backpressure, progress } = this.#parts
    const record = supply.shift()
    if (record === undefined) return undefined
    if (progress.wasFinished(record)) {
      backpressure.resumeIfDrained()
      return undefined
    }
    if (supply.damage === null) return record
    this.#keep(record, supply.damage)
    return undefined
  }

  /** A batch that cannot be read has had its turn: it becomes one dead letter. */
  #keep(record: KafkaRecord, { error, firstOffset, lastOffset }: BatchDamage): void {
    const { meter, letters } = this.#parts
    meter.corruptBatches += 1
    meter.corruptRecords += Math.max(0, lastOffset - firstOffset + 1)
    const entry = this.#enter(record, null)
    entry.state = 'keeping'
    void letters.keep(entry, error, null)
  }

  #enter(record: KafkaRecord, key = this.#isKeyed ? this.#keyOf(record) : null): PendingRecord {
    const now = this.#parts.shared.parts.clock.monotonic()
    const entry = new PendingRecord(record, key, now)
    entry.startedAt = now
    entry.begunAt = this.#parts.shared.circuits.moment
    this.#parts.window.add(entry)
    // Not before: what is in flight counts as well.
    this.#parts.backpressure.resumeIfDrained()
    return entry
  }

  #keyOf(record: KafkaRecord): string | null {
    const { processor } = this.#parts
    try {
      if (processor.keyOf !== undefined) return processor.keyOf(record)
    } catch {
      // The attempt at it will show what is wrong with the record.
    }
    return record.key === null ? null : record.key.toString('latin1')
  }
}
