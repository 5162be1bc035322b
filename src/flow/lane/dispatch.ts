import type { BatchDamage } from '../../broker/types.ts'
import type { KafkaRecord } from '../../kernel/shapes/record.ts'
import type { CircuitBreaker } from '../circuit/circuit-breaker.ts'
import type { Attempts } from './attempts.ts'
import type { InFlight } from './in-flight.ts'
import type { LaneState } from './lane-state.ts'
import { PendingRecord } from './pending-record.ts'
import { ALONE, SliceFilling } from './slice-filling.ts'
import { WholeBatches } from './whole-batches.ts'

/** Records taken in search of one that is not queued behind another, per turn of the lane. */
const SEARCH = 64

/** Decides which record of one partition goes from its supply to its processor next. */
export class Dispatch {
  readonly #state: LaneState
  readonly #attempts: Attempts
  readonly #inFlight: InFlight
  readonly #wholeBatches: WholeBatches
  readonly #isKeyed: boolean
  #slices = ALONE
  /** The filling for `#slices`. */
  #lastFilling: SliceFilling
  #probesNewest = false

  constructor(state: LaneState, attempts: Attempts, inFlight: InFlight) {
    this.#state = state
    this.#attempts = attempts
    this.#inFlight = inFlight
    this.#wholeBatches = new WholeBatches(state, attempts)
    this.#isKeyed = state.shared.options.order === 'key'
    this.#lastFilling = new SliceFilling(ALONE, state.wake)
  }

  /** The processor may change how many records go together. */
  get #filling(): SliceFilling {
    const { processor, wake } = this.#state
    const { slice = ALONE } = processor
    if (slice !== this.#slices) {
      this.#slices = slice
      this.#lastFilling.went()
      this.#lastFilling = new SliceFilling(
        processor.processSlice === undefined ? ALONE : slice,
        wake,
      )
    }
    return this.#lastFilling
  }

  get hasWork(): boolean {
    if (this.#filling.waits) return false
    return this.#state.keyQueues.ready > 0 || this.#mayTake
  }

  get #mayTake(): boolean {
    const { keyQueues, intake } = this.#state
    const { supply } = intake
    if (this.#wholeBatches.block || this.#state.awaited.holds) return false
    // Checked last, because it may make the partition wait for memory.
    return supply.length > 0 && keyQueues.open && this.#state.hasRoom && supply.isReady
  }

  /**
   * Hands over one record, slice or piece of whole batches.
   * @param started monotonic milliseconds, now. @param wallOffset from there to the wall clock.
   * Returns the monotonic time at the end.
   */
  next(started: number, wallOffset: number): number {
    const { keyQueues } = this.#state
    const isPlain = keyQueues.ready === 0 && keyQueues.free && this.#attempts.suspects.size === 0
    if (isPlain && this.#wholeBatches.handOver()) return performance.now()
    const filling = this.#filling
    if (isPlain && filling.size === 1) return this.#handleNext(started, wallOffset)
    this.#handOver(filling)
    return performance.now()
  }

  /** More records may be available for a slice. */
  recheck(): void {
    this.#filling.recheck()
  }

  stop(): void {
    this.#filling.went()
    this.#wholeBatches.halt()
  }

  close(): void {
    this.#wholeBatches.close()
  }

  /** Hands one record over as a probe: see CircuitLane.probe. */
  probe(circuit: CircuitBreaker, mayOvertake: boolean): boolean {
    const { keyQueues, wake } = this.#state
    // Alternates between the first ready record and the last, because the first may be bad.
    this.#pull(keyQueues.available + 1)
    const overtakes = mayOvertake ? null : this.#attempts.suspects.overtakenBy()
    const entry = keyQueues.pick(this.#probesNewest ? 'last' : 'first', overtakes)
    if (entry === undefined) return false
    this.#probesNewest = !this.#probesNewest
    circuit.isDue = false
    circuit.probing = entry
    entry.probes = circuit
    this.#inFlight.start([entry], this.#filling.size > 1)
    // If it was answered synchronously, records behind it may continue.
    wake()
    return true
  }

  /**
   * The fast path for a record with nothing ahead of it: no pending record if it is answered at
   * once.
   */
  #handleNext(started: number, wallOffset: number): number {
    const { shared, meter, keyQueues, intake, lane } = this.#state
    const isOpened = intake.supply.opened > 0
    const record = this.#take()
    // Opening a batch does not count as handling its first record.
    const begun = isOpened ? started : performance.now()
    if (record === undefined) return begun
    shared.limiter.passed(1)
    const outcome = this.#inFlight.attempt(record)
    const now = performance.now()
    if (!(outcome instanceof Promise)) {
      meter.handleSeconds.observe((now - begun) / 1000)
      if (outcome.kind === 'ok' || outcome.kind === 'skip') {
        const { circuits } = shared
        if (circuits.areTroubled) circuits.observe(outcome, record, lane, null)
        this.#state.finished(record, outcome.kind, now + wallOffset)
        intake.backpressure.resumeIfDrained()
        return now
      }
    }
    const entry = this.#enter(record)
    keyQueues.addRunning(entry)
    if (outcome instanceof Promise) this.#inFlight.await([entry], outcome)
    else this.#attempts.settle(entry, outcome)
    return now
  }

  #handOver(filling: SliceFilling): void {
    const { shared, keyQueues } = this.#state
    this.#pull(filling.size)
    const { available } = keyQueues
    if (available === 0 || !filling.mayGo(available)) return
    filling.went()
    const entries = keyQueues.nextSlice(filling.size)
    shared.limiter.passed(entries.length)
    this.#inFlight.start(entries, filling.size > 1)
  }

  /** Takes records until `wanted` of them are available. */
  #pull(wanted: number): void {
    const { keyQueues } = this.#state
    for (let taken = 0; taken < wanted + SEARCH; taken++) {
      if (keyQueues.available >= wanted || !this.#mayTake) return
      const record = this.#take()
      if (record === undefined) continue
      const entry = this.#enter(record)
      this.#attempts.suspects.makeWay(entry)
      keyQueues.add(entry)
    }
  }

  /** The next record; undefined also if that record needs no handing over. */
  #take(): KafkaRecord | undefined {
    const { awaited, intake, progress, processor } = this.#state
    const { supply, backpressure } = intake
    if (awaited.check()) return undefined
    const record = supply.shift()
    if (record === undefined) return undefined
    if (progress.wasFinished(record)) {
      if (supply.damage === null) processor.recall?.(record)
      backpressure.resumeIfDrained()
      return undefined
    }
    if (supply.damage === null) return record
    this.#keep(record, supply.damage)
    return undefined
  }

  /** It is the turn of a damaged batch: it becomes one dead letter. */
  #keep(record: KafkaRecord, { error, firstOffset, lastOffset }: BatchDamage): void {
    const { meter } = this.#state
    meter.corruptBatches += 1
    meter.corruptRecords += Math.max(0, lastOffset - firstOffset + 1)
    this.#state.keep(this.#enter(record, null), error, null)
  }

  #enter(record: KafkaRecord, key = this.#isKeyed ? this.#keyOf(record) : null): PendingRecord {
    const { window, intake, shared } = this.#state
    const now = this.#state.now()
    const entry = new PendingRecord(record, key, now)
    entry.startedAt = now
    entry.begunAt = shared.circuits.moment
    window.add(entry)
    // Only now, because bytes in flight count as well.
    intake.backpressure.resumeIfDrained()
    return entry
  }

  #keyOf(record: KafkaRecord): string | null {
    const { processor } = this.#state
    try {
      if (processor.keyOf !== undefined) return processor.keyOf(record)
    } catch {
      // The attempt will show what is wrong with the record.
    }
    return record.key === null ? null : record.key.toString('latin1')
  }
}
