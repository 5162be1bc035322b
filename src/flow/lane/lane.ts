import type { AssignedPartition, MemberControl } from '../../broker/types.ts'
import type { Committer } from '../../commit/committer.ts'
import type { KafkaRecord, TopicPartition } from '../../kernel/record.ts'
import type { PartitionStatus, TopicMeter } from '../../observe/types.ts'
import type { CircuitBreaker } from '../circuit/circuit-breaker.ts'
import { type CircuitLane, NOT_FAILED } from '../circuit/circuit-lane.ts'
import { Intake } from '../intake/intake.ts'
import type { SharedParts } from '../shared-parts.ts'
import { Attempts } from './attempts.ts'
import { CommitBarrier } from './commit-barrier.ts'
import { DeadLetterWriter } from './dead-letter-writer.ts'
import { Dispatch } from './dispatch.ts'
import { HeldShare } from './held-share.ts'
import { InFlight } from './in-flight.ts'
import { InFlightWindow } from './in-flight-window.ts'
import { KeyQueues } from './key-queues.ts'
import { laneStatus } from './lane-status.ts'
import type { PendingRecord } from './pending-record.ts'
import { Progress } from './progress.ts'

/**
 * One partition while a member owns it: what was fetched, what is in flight, and how far it got.
 * After `close` no pending answer counts: that is the fence between assignments.
 */
export class Lane implements CircuitLane, TopicPartition {
  readonly topic: string
  readonly partition: number
  readonly handlers: readonly string[] | null
  readonly format: string
  readonly #shared: SharedParts
  readonly #meter: TopicMeter
  readonly intake: Intake
  readonly #barrier: CommitBarrier
  readonly progress: Progress
  readonly #window: InFlightWindow
  readonly #letters: DeadLetterWriter
  readonly #attempts: Attempts
  readonly #inFlight: InFlight
  readonly #dispatch: Dispatch
  readonly #behindRetries = new HeldShare()
  readonly #abort = new AbortController()
  readonly #idle = Promise.withResolvers<void>()
  /** The kind of circuit that stops it. */
  #stoppedBy: 'circuit' | 'decode' | null
  #isClosing = false

  constructor(assigned: AssignedPartition, shared: SharedParts, control: MemberControl) {
    const { options, parts, circuits, limiter, memory } = shared
    const { meters, clock } = parts
    const { signal } = this.#abort
    const meter = meters.topic(assigned.topic)
    const processor = parts.openProcessor(assigned)
    const keyQueues = new KeyQueues(options.order)
    const now = () => clock.monotonic()
    const wake = () => this.#wake()
    this.topic = assigned.topic
    this.partition = assigned.partition
    this.handlers = processor.handlers ?? null
    this.format = processor.format ?? 'readable'
    this.#shared = shared
    this.#meter = meter
    this.#barrier = new CommitBarrier(options.commitMode, wake)
    const tracker = parts.createTracker(assigned)
    this.progress = new Progress(assigned, tracker, this.#barrier, meter)
    const window = new InFlightWindow(options, memory, () => this.intake.shareChanged())
    this.#window = window
    const { progress } = this
    this.intake = new Intake({ assigned, shared, control, progress, window, wake })
    this.#letters = new DeadLetterWriter(
      parts,
      shared.deadLetterRepeats,
      meter,
      options.commitMode,
      signal,
      (entry) => {
        this.#window.delete(entry)
        this.#finish(entry.record)
        wake()
      },
    )
    this.#attempts = new Attempts({
      options,
      circuits,
      keyQueues,
      window,
      letters: this.#letters,
      lane: this,
      attemptsOf: (handler) => processor.attemptsOf?.(handler),
      log: parts.log,
      now,
      random: parts.random ?? Math.random,
      finished: (record, kind) => this.#finished(record, kind, clock.now()),
      settled: (record) => processor.settled?.(record),
      blocks: ({ offset }) => !this.#dispatch.hasRoom && this.progress.committable === offset,
      wake,
    })
    this.#inFlight = new InFlight({
      processor,
      limiter,
      window,
      meter,
      signal,
      now,
      moment: () => circuits.moment,
      settle: (entry, outcome) => this.#attempts.settle(entry, outcome),
      untouched: (entry) => this.#attempts.untouched(entry),
      answered: () => this.#answered(),
    })
    this.#dispatch = new Dispatch({
      shared,
      lane: this,
      processor,
      meter,
      supply: this.intake.supply,
      backpressure: this.intake.backpressure,
      progress,
      keyQueues,
      window: this.#window,
      attempts: this.#attempts,
      inFlight: this.#inFlight,
      letters: this.#letters,
      signal,
      answered: () => this.#answered(),
      finished: (record, kind, wallTime) => this.#finished(record, kind, wallTime),
      wake,
    })
    circuits.add(this)
    this.#stoppedBy = circuits.stop(this)
  }

  /** Set by the session. Told about progress. */
  set committer(committer: Committer) {
    this.#barrier.committer = committer
  }

  get isClosing(): boolean {
    return this.#isClosing
  }

  /** A record may be handed over now. */
  get runnable(): boolean {
    return this.#stoppedBy === null && this.#isOpen && this.#dispatch.hasWork
  }

  get hasHandled(): boolean {
    return this.#meter.handled > 0
  }

  get hasDecoded(): boolean {
    return this.#meter.handled + this.#meter.skipped > 0
  }

  /** Ignores circuits, as a probe does. */
  get #isOpen(): boolean {
    const isHeld = this.intake.backpressure.isHeld || this.#barrier.holds
    return !isHeld && !this.#isClosing && !this.#letters.isFull
  }

  /**
   * Hands records over until none is left, one must be waited for, `limit` are done, the monotonic
   * time `until` has come, or the process is at its concurrency limit.
   */
  run(limit: number, until: number): void {
    const { limiter } = this.#shared
    let started = performance.now()
    const wallOffset = Date.now() - started
    for (let count = 0; count < limit && started < until; count++) {
      if (!this.runnable || !limiter.open) return
      started = this.#dispatch.next(started, wallOffset)
    }
  }

  #answered(): void {
    this.#resolveIdle()
    this.#wake()
  }

  #finished(record: KafkaRecord, kind: 'ok' | 'skip', wallTime: number | null): void {
    const meter = this.#meter
    if (kind === 'ok') meter.handled += 1
    else meter.skipped += 1
    if (wallTime !== null) meter.endToEndSeconds.observe((wallTime - record.timestamp) / 1000)
    this.#finish(record)
  }

  #finish(record: KafkaRecord): void {
    this.progress.finished(record)
    if (this.#isClosing) this.#resolveIdle()
  }

  #resolveIdle(): void {
    const inFlight = this.#inFlight.count + this.#letters.count + this.#dispatch.wholeBatches.count
    if (this.#isClosing && inFlight === 0) this.#idle.resolve()
  }

  #wake(): void {
    this.#dispatch.recheck()
    if (this.#stoppedBy !== null) this.#shared.circuits.offered(this)
    else this.#shared.wake(this)
  }

  probe(circuit: CircuitBreaker): boolean {
    return this.#isOpen && this.#dispatch.probe(circuit)
  }

  confirmed(suspect: PendingRecord, by: PendingRecord | null): void {
    this.#attempts.confirmed(suspect, by)
  }

  resetAttempts(circuit: CircuitBreaker, isOver: boolean): void {
    this.#attempts.resetAttempts(circuit, isOver)
  }

  circuitsChanged(): void {
    this.#stoppedBy = this.#shared.circuits.stop(this)
    this.#wake()
  }

  /** An operator pauses or resumes the partition. */
  holdsChanged(): void {
    this.intake.holdsChanged()
    this.#wake()
  }

  /** Takes no new record. Resolves when those in flight are finished, or after `stopWaiting`. */
  drain(): Promise<void> {
    this.#isClosing = true
    this.intake.stop()
    this.#dispatch.stop()
    this.#attempts.end()
    this.#resolveIdle()
    return this.#idle.promise
  }

  /** The deadline has passed: what is not finished is left to the next owner. */
  stopWaiting(): void {
    this.#idle.resolve()
  }

  close(): void {
    this.#isClosing = true
    const { circuits } = this.#shared
    circuits.remove(this)
    this.#abort.abort()
    this.#dispatch.stop()
    this.#attempts.end()
    this.#inFlight.close()
    this.#dispatch.wholeBatches.close()
    for (const entry of this.#window.entries) {
      if (entry.probes === null) continue
      circuits.probed(entry.probes, this, entry, NOT_FAILED)
    }
    this.#window.clear()
    this.intake.close()
    this.#idle.resolve()
  }

  /** Share of the last minute in which records waited behind a retry; only with order `partition`. */
  get behindRetries(): number {
    return this.#behindRetries.value
  }

  /** Called once a second: detaches old records and reports stuck ones. */
  tick(): void {
    const isBehind = this.#shared.options.order === 'partition' && this.#window.count('waiting') > 0
    this.#behindRetries.look(isBehind && this.intake.supply.length > 0)
    this.intake.supply.detachOld()
    this.#window.detachOld()
    this.#inFlight.reportStuck(this.#shared.parts.log, this.#shared.circuits, this)
  }

  status(member: string): PartitionStatus {
    const { hasRoom, windowRecords } = this.#dispatch
    const status = laneStatus(member, this.intake, this.progress, this.#window, {
      windowRecords,
      hasWindowRoom: hasRoom,
      inFlight: this.#inFlight.count + this.#letters.count + this.#window.wholeRecords,
      stoppedBy: this.#stoppedBy,
      isDeadLetterStuck: this.#letters.isStuck,
    })
    return { ...status, behindRetries: this.behindRetries }
  }
}
