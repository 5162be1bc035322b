import type { AssignedPartition, MemberControl } from '../../broker/types.ts'
import type { OccError } from '../../kernel/errors.ts'
import type { HeldWrite } from '../../kernel/shapes/held-write.ts'
import type { RetryOutcome } from '../../kernel/shapes/outcome.ts'
import type { ToPark } from '../../kernel/shapes/parked.ts'
import type { KafkaRecord } from '../../kernel/shapes/record.ts'
import type { TopicMeter } from '../../observe/types.ts'
import type { CircuitLane } from '../circuit/circuit-lane.ts'
import { Intake } from '../intake/intake.ts'
import { HeldKeys } from '../parked/held-keys.ts'
import type { SharedParts } from '../shared-parts.ts'
import type { PartitionProcessor } from '../types.ts'
import { Awaited } from './awaited.ts'
import { CommitBarrier } from './commit-barrier.ts'
import { DeadLetterWriter } from './dead-letter-writer.ts'
import { InFlightWindow } from './in-flight-window.ts'
import { KeyQueues } from './key-queues.ts'
import type { PendingRecord } from './pending-record.ts'
import { Progress } from './progress.ts'

/** What the parts of one lane share, and how a record leaves it. */
export class LaneState {
  readonly shared: SharedParts
  readonly lane: CircuitLane
  readonly processor: PartitionProcessor
  readonly meter: TopicMeter
  readonly barrier: CommitBarrier
  readonly progress: Progress
  readonly keyQueues: KeyQueues
  readonly window: InFlightWindow
  readonly intake: Intake
  readonly letters: DeadLetterWriter
  readonly awaited: Awaited
  /** null: parked records hold nothing. */
  readonly #held: HeldKeys | null
  readonly #abort = new AbortController()
  /** Aborts when no answer counts any more: the fence between assignments. */
  readonly signal = this.#abort.signal
  /** There may be work. */
  readonly wake: () => void
  /** Takes no new record, and begins no further attempt: the next owner handles the rest. */
  isClosing = false
  /** Records that were handed over, alone or in a slice, and not answered. */
  inFlight = 0
  readonly #idle = Promise.withResolvers<void>()

  constructor(
    assigned: AssignedPartition,
    shared: SharedParts,
    control: MemberControl,
    lane: CircuitLane,
    wake: () => void,
  ) {
    const { options, parts, memory } = shared
    this.shared = shared
    this.lane = lane
    this.wake = wake
    this.meter = parts.meters.topic(assigned.topic)
    this.keyQueues = new KeyQueues(options.order)
    this.barrier = new CommitBarrier(options.commitMode, wake)
    const tracker = parts.createTracker(assigned)
    this.progress = new Progress(assigned, tracker, this.barrier, this.meter)
    this.window = new InFlightWindow(options, memory, () => this.intake.shareChanged())
    const { progress, window } = this
    const processor = parts.openProcessor(assigned, { progress, signal: this.signal })
    const hold = parts.parking?.hold ?? null
    this.#held = hold === null ? null : new HeldKeys(assigned, processor, hold, progress)
    this.processor = this.#held ?? processor
    this.intake = new Intake({ assigned, shared, control, progress, window, wake })
    this.awaited = new Awaited(this)
    this.letters = new DeadLetterWriter(shared, this.meter, assigned.claim, this.signal, (entry) =>
      this.#kept(entry),
    )
  }

  /** Monotonic milliseconds. */
  now(): number {
    return this.shared.parts.clock.monotonic()
  }

  /** Resolves when `isClosing` and nothing is in flight, or after `stopWaiting`. */
  get idle(): Promise<void> {
    return this.#idle.promise
  }

  /** Records from the lowest unfinished one to the newest one taken. */
  get windowRecords(): number {
    return Math.max(0, this.progress.held - this.intake.supply.opened)
  }

  get hasRoom(): boolean {
    return this.window.hasRoom(this.windowRecords)
  }

  /** Total attempts at a record: of several handlers that failed, the most that one of them has. */
  mostAttempts(failure: RetryOutcome | null): number {
    const { processor, shared } = this
    const handlers = failure?.failed ?? [failure?.handler ?? null]
    const each = handlers.map((name) => (name === null ? undefined : processor.attemptsOf?.(name)))
    return Math.max(...each.map((attempts) => attempts ?? shared.options.retry.attempts))
  }

  /** Answers have been settled. */
  answered(): void {
    this.resolveIdle()
    this.wake()
  }

  /**
   * The record is handled, or skipped by a rule.
   * @param wallTime milliseconds since the epoch; null: its time has already been counted.
   */
  finished(record: KafkaRecord, kind: 'ok' | 'skip', wallTime: number | null): void {
    const { meter } = this
    if (kind === 'ok') meter.handled += 1
    else meter.skipped += 1
    if (wallTime !== null) meter.endToEndSeconds.observe((wallTime - record.timestamp) / 1000)
    this.#finish(record)
  }

  /**
   * The record becomes a dead letter. No attempt at it follows.
   * @param writes of handlers that are done with it.
   */
  keep(
    entry: PendingRecord,
    error: OccError,
    handler: string | null,
    writes: readonly HeldWrite[] = [],
  ): void {
    entry.state = 'dead-lettering'
    this.processor.settled?.(entry.record)
    void this.letters.keep(entry, error, handler, writes)
  }

  /**
   * The record is kept until it is due. No attempt at it follows here.
   * @param writes of handlers that are done with it.
   */
  park(
    entry: PendingRecord,
    why: Omit<ToPark, 'record' | 'hold'>,
    writes: readonly HeldWrite[] = [],
  ): void {
    entry.state = 'dead-lettering'
    this.processor.settled?.(entry.record)
    const { record } = entry
    const hold = this.#held?.parking(record) ?? null
    const isReplay = this.progress.isReplay(record)
    const toPark = { ...why, hold, record: isReplay ? { ...record, isReplay } : record }
    void this.letters.park(entry, toPark, writes)
  }

  /** The record failed, and no attempt at it follows here: it is parked, or becomes a letter. */
  giveUp(entry: PendingRecord): void {
    const { failure } = entry
    // It may have been overtaken before its further attempt.
    entry.attempts += entry.takenBack
    if (failure === null) return
    const after = this.shared.parts.parking?.afterRetries ?? null
    if (after !== null && (failure.fault ?? 'world') === 'world') {
      const { error, failed, handler } = failure
      const why = { after, reason: error.message, code: error.code }
      const names = failure.deadFor ?? failed?.join() ?? handler
      this.park(entry, { ...why, handler: names }, failure.writes)
      return
    }
    this.keep(entry, failure.error, failure.deadFor ?? failure.handler, failure.writes)
  }

  /** Including those of whole batches, and those being written as dead letters or parked. */
  get recordsInFlight(): number {
    return this.inFlight + this.letters.count + this.window.wholeRecords
  }

  resolveIdle(): void {
    if (this.isClosing && this.recordsInFlight === 0) this.#idle.resolve()
  }

  stopWaiting(): void {
    this.#idle.resolve()
  }

  abort(): void {
    this.#abort.abort()
  }

  #kept(entry: PendingRecord): void {
    this.window.delete(entry)
    this.#held?.parked(entry.record)
    this.#finish(entry.record)
    this.wake()
  }

  #finish(record: KafkaRecord): void {
    this.progress.finished(record)
    if (this.isClosing) this.resolveIdle()
  }
}
