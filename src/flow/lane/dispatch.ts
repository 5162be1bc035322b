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
import { WholeBatches } from './whole-batches.ts'

/** Records taken in search of one that is not queued behind another, per turn of the lane. */
const SEARCH = 64

export interface DispatchParts {
  readonly shared: SharedParts
  readonly lane: CircuitLane
  readonly processor: PartitionProcessor
  readonly meter: TopicMeter
  readonly supply: Supply
  readonly backpressure: Backpressure
  readonly progress: Progress
  readonly keyQueues: KeyQueues
  readonly window: InFlightWindow
  readonly attempts: Attempts
  readonly inFlight: InFlight
  readonly letters: DeadLetterWriter
  readonly signal: AbortSignal
  /**
   * The record is handled, or skipped by a rule.
   * @param wallTime milliseconds since the epoch; null: its time has already been counted.
   */
  finished(record: KafkaRecord, kind: 'ok' | 'skip', wallTime: number | null): void
  /** Asynchronous answers have been settled. */
  answered(): void
  wake(): void
}

/** Decides which record of one partition goes from its supply to its processor next. */
export class Dispatch {
  readonly #parts: DispatchParts
  readonly #isKeyed: boolean
  readonly #isOrdered: boolean
  readonly wholeBatches: WholeBatches
  #slices: SliceOptions | undefined
  /** The filling for `#slices`. */
  #lastFilling: SliceFilling | null = null
  #probesNewest = false

  constructor(parts: DispatchParts) {
    this.#parts = parts
    const { order } = parts.shared.options
    this.#isKeyed = order === 'key'
    this.#isOrdered = order === 'partition'
    this.wholeBatches = new WholeBatches(parts)
  }

  /** null: records are handed over one at a time. The processor may change this. */
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
    return this.#parts.keyQueues.ready > 0 || this.#mayTake
  }

  get #mayTake(): boolean {
    const { keyQueues, supply } = this.#parts
    if (this.wholeBatches.block) return false
    // Checked last, because it may make the partition wait for memory.
    return supply.length > 0 && keyQueues.open && this.hasRoom && supply.isReady
  }

  get hasRoom(): boolean {
    return this.#parts.window.hasRoom(this.windowRecords)
  }

  /** Records from the lowest unfinished one to the newest one taken. */
  get windowRecords(): number {
    return Math.max(0, this.#parts.progress.held - this.#parts.supply.opened)
  }

  /**
   * Hands over one record or slice.
   * @param started monotonic milliseconds, now. @param wallOffset from there to the wall clock.
   * Returns the monotonic time at the end.
   */
  next(started: number, wallOffset: number): number {
    const { keyQueues, attempts } = this.#parts
    const isPlain = keyQueues.ready === 0 && keyQueues.free && attempts.suspects === 0
    if (isPlain && this.wholeBatches.handOver()) return performance.now()
    const filling = this.#filling
    if (isPlain && filling === null) return this.#handleNext(started, wallOffset)
    if (filling === null) this.#handOver()
    else this.#handOverSlice(filling)
    return performance.now()
  }

  /** More records may be available for a slice. */
  recheck(): void {
    this.#filling?.recheck()
  }

  stop(): void {
    this.#filling?.went()
    this.wholeBatches.end()
  }

  /** Hands one record over as a probe. False: there is none. */
  probe(circuit: CircuitBreaker): boolean {
    const { keyQueues, inFlight, wake } = this.#parts
    // Alternates between the first ready record and the last, because the first may be bad.
    this.#pull(keyQueues.available + 1)
    const entry = this.#probesNewest ? keyQueues.last() : keyQueues.next()
    if (entry === undefined) return false
    this.#probesNewest = !this.#probesNewest
    circuit.isDue = false
    circuit.probing = entry
    entry.probes = circuit
    if (this.#filling === null) inFlight.start(entry)
    else inFlight.startSlice([entry], this.#isOrdered)
    // If it was answered synchronously, records behind it may continue.
    wake()
    return true
  }

  /** Handles the next record when nothing is ahead of it: no pending record if answered at once. */
  #handleNext(started: number, wallOffset: number): number {
    const { shared, processor, meter, inFlight, keyQueues, attempts, signal } = this.#parts
    const { supply, backpressure } = this.#parts
    const isOpened = supply.opened > 0
    const record = this.#take()
    // Opening a batch does not count as handling its first record.
    const begun = isOpened ? started : performance.now()
    if (record === undefined) return begun
    shared.limiter.passed(1)
    const outcome = attemptAt(processor, record, signal)
    const now = performance.now()
    if (!(outcome instanceof Promise)) {
      meter.handleSeconds.observe((now - begun) / 1000)
      if (outcome.kind === 'ok' || outcome.kind === 'skip') {
        const { circuits } = shared
        if (circuits.areTroubled) circuits.observe(outcome, record, this.#parts.lane, null)
        this.#parts.finished(record, outcome.kind, now + wallOffset)
        backpressure.resumeIfDrained()
        return now
      }
    }
    const entry = this.#enter(record)
    keyQueues.addRunning(entry)
    if (outcome instanceof Promise) inFlight.await(entry, outcome)
    else attempts.settle(entry, outcome)
    return now
  }

  #handOver(): void {
    const { shared, keyQueues, inFlight } = this.#parts
    if (keyQueues.ready === 0) this.#pull(1)
    const entry = keyQueues.next()
    if (entry === undefined) return
    shared.limiter.passed(1)
    inFlight.start(entry)
  }

  #handOverSlice(filling: SliceFilling): void {
    const { shared, keyQueues, inFlight } = this.#parts
    this.#pull(filling.size)
    const { available } = keyQueues
    if (available === 0 || !filling.mayGo(available)) return
    filling.went()
    const entries = keyQueues.nextSlice(filling.size)
    shared.limiter.passed(entries.length)
    inFlight.startSlice(entries, this.#isOrdered)
  }

  /** Takes records until `wanted` of them are available. */
  #pull(wanted: number): void {
    const { keyQueues, attempts } = this.#parts
    for (let taken = 0; taken < wanted + SEARCH; taken++) {
      if (keyQueues.available >= wanted || !this.#mayTake) return
      const record = this.#take()
      if (record === undefined) continue
      const entry = this.#enter(record)
      attempts.makeWay(entry)
      keyQueues.add(entry)
    }
  }

  /** The next record; undefined also if that record needs no handing over. */
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

  /** It is the turn of a damaged batch: it becomes one dead letter. */
  #keep(record: KafkaRecord, { error, firstOffset, lastOffset }: BatchDamage): void {
    const { meter, letters } = this.#parts
    meter.corruptBatches += 1
    meter.corruptRecords += Math.max(0, lastOffset - firstOffset + 1)
    const entry = this.#enter(record, null)
    entry.state = 'dead-lettering'
    void letters.keep(entry, error, null)
  }

  #enter(record: KafkaRecord, key = this.#isKeyed ? this.#keyOf(record) : null): PendingRecord {
    const now = this.#parts.shared.parts.clock.monotonic()
    const entry = new PendingRecord(record, key, now)
    entry.startedAt = now
    entry.begunAt = this.#parts.shared.circuits.moment
    this.#parts.window.add(entry)
    // Only now, because bytes in flight count as well.
    this.#parts.backpressure.resumeIfDrained()
    return entry
  }

  #keyOf(record: KafkaRecord): string | null {
    const { processor } = this.#parts
    try {
      if (processor.keyOf !== undefined) return processor.keyOf(record)
    } catch {
      // The attempt will show what is wrong with the record.
    }
    return record.key === null ? null : record.key.toString('latin1')
  }
}
