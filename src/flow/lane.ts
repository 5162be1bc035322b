import type { AssignedPartition, RecordBatch } from '../broker/types.ts'
import type { Committable, Committer } from '../commit/committer.ts'
import type { KafkaRecord, TopicPartition } from '../kernel/record.ts'
import type { PartitionStatus, PauseReason, TopicMeter } from '../observe/types.ts'
import { Attempts } from './attempts.ts'
import { Backpressure } from './backpressure.ts'
import type { Circuit } from './circuit.ts'
import type { CircuitLane } from './circuits.ts'
import { CommitHold } from './commit-hold.ts'
import { Dispatch } from './dispatch.ts'
import type { Entry } from './entry.ts'
import { Hands } from './hands.ts'
import { Keeping } from './keeping.ts'
import { laneStatus } from './lane-status.ts'
import { Lines } from './lines.ts'
import { Progress } from './progress.ts'
import { RecordQueue } from './record-queue.ts'
import type { SharedParts } from './shared-parts.ts'
import type { FetchControl } from './types.ts'
import { Window } from './window.ts'

/**
 * One partition under one assignment: its queue, what is in hand of it, and how far it got. After
 * `close` nothing it still awaits counts: that is the fence between assignments.
 */
export class Lane implements CircuitLane, TopicPartition {
  readonly topic: string
  readonly partition: number
  readonly handlers: readonly string[] | null
  readonly #shared: SharedParts
  readonly #meter: TopicMeter
  readonly #queue = new RecordQueue()
  readonly #backpressure: Backpressure
  readonly #hold: CommitHold
  readonly #progress: Progress
  readonly #window: Window
  readonly #keeping: Keeping
  readonly #attempts: Attempts
  readonly #hands: Hands
  readonly #dispatch: Dispatch
  readonly #abort = new AbortController()
  readonly #idle = Promise.withResolvers<void>()
  /** By a circuit. */
  #isStopped: boolean
  #isClosing = false

  constructor(assigned: AssignedPartition, shared: SharedParts, control: FetchControl) {
    const { options, parts, circuits, admission } = shared
    const { meters, clock } = parts
    const { signal } = this.#abort
    const meter = meters.topic(assigned.topic)
    const processor = parts.openProcessor(assigned)
    const lines = new Lines(options.order)
    const queue = this.#queue
    const now = () => clock.monotonic()
    const wake = () => this.#wake()
    this.topic = assigned.topic
    this.partition = assigned.partition
    this.handlers = processor.handlers ?? null
    this.#shared = shared
    this.#meter = meter
    this.#backpressure = new Backpressure(this, queue, options, control, meters.process)
    this.#hold = new CommitHold(options.commitMode, wake)
    const tracker = parts.createTracker(assigned)
    this.#progress = new Progress(assigned, tracker, this.#hold, meter, meters.process)
    this.#window = new Window(options)
    this.#keeping = new Keeping(parts, meter, options.commitMode, signal, (entry) => {
      this.#window.delete(entry)
      this.#finish(entry.record)
      wake()
    })
    this.#attempts = new Attempts({
      options,
      circuits,
      lines,
      window: this.#window,
      keeping: this.#keeping,
      lane: this,
      now,
      random: parts.random ?? Math.random,
      finished: (record, kind) => this.#finished(record, kind, clock.now()),
      settled: (record) => processor.settled?.(record),
      blocks: ({ offset }) => !this.#dispatch.hasRoom && this.#progress.committable === offset,
      wake,
    })
    this.#hands = new Hands({
      processor,
      admission,
      meter,
      signal,
      now,
      moment: () => circuits.moment,
      settle: (entry, outcome) => this.#attempts.settle(entry, outcome),
      untouched: (entry) => this.#attempts.untouched(entry),
      answered: () => {
        this.#resolveIdle()
        wake()
      },
    })
    this.#dispatch = new Dispatch({
      shared,
      lane: this,
      processor,
      meter,
      queue,
      backpressure: this.#backpressure,
      progress: this.#progress,
      lines,
      window: this.#window,
      attempts: this.#attempts,
      hands: this.#hands,
      signal,
      finished: (record, kind, wallTime) => this.#finished(record, kind, wallTime),
      wake,
    })
    this.#backpressure.hold(shared.holds.has(assigned))
    circuits.add(this)
    this.#isStopped = circuits.stop(this.handlers)
  }

  get progress(): Committable {
    return this.#progress
  }

  /** Set by the session: what to tell about progress. */
  set committer(committer: Committer) {
    this.#hold.committer = committer
  }

  /** Has a record that may be handed over now. */
  get runnable(): boolean {
    return !this.#isStopped && this.#isOpen && this.#dispatch.hasWork
  }

  /** Apart from circuits, which a probe does not heed. */
  get #isOpen(): boolean {
    const isHeld = this.#backpressure.isHeld || this.#hold.holds
    return !isHeld && !this.#isClosing && !this.#keeping.isFull
  }

  accept(batch: RecordBatch): void {
    if (this.#isClosing) return
    for (const record of batch.records) this.#queue.push(record)
    this.#progress.arrived(batch)
    this.#backpressure.pauseIfFull()
    this.#wake()
  }

  /** Nothing below `nextOffset` will come any more. */
  advance(nextOffset: number): void {
    // A closing lane has turned batches away: it must not claim what lies beyond them.
    if (!this.#isClosing) this.#progress.advance(nextOffset)
  }

  setEndOffset(endOffset: number): void {
    this.#progress.setEndOffset(endOffset)
  }

  /**
   * Hands records over until there is none, one has to be waited for, `limit` are done, the
   * monotonic time `until` has come, or the process has enough in hand.
   */
  run(limit: number, until: number): void {
    const { admission } = this.#shared
    let started = performance.now()
    const wallOffset = Date.now() - started
    for (let count = 0; count < limit && started < until; count++) {
      if (!this.runnable || !admission.open) return
      started = this.#dispatch.next(started, wallOffset)
    }
  }

  #finished(record: KafkaRecord, kind: 'ok' | 'skip', wallTime: number): void {
    const meter = this.#meter
    if (kind === 'ok') meter.handled += 1
    else meter.skipped += 1
    meter.endToEndSeconds.observe((wallTime - record.timestamp) / 1000)
    this.#finish(record)
  }

  #finish(record: KafkaRecord): void {
    this.#progress.finished(record)
    if (this.#isClosing) this.#resolveIdle()
  }

  #resolveIdle(): void {
    if (this.#isClosing && this.#hands.count === 0 && this.#keeping.count === 0) {
      this.#idle.resolve()
    }
  }

  #wake(): void {
    this.#dispatch.look()
    if (this.#isStopped) this.#shared.circuits.offered(this)
    else this.#shared.wake(this)
  }

  probe(circuit: Circuit): boolean {
    return this.#isOpen && this.#dispatch.probe(circuit)
  }

  confirmed(suspect: Entry, by: Entry | null): void {
    this.#attempts.confirmed(suspect, by)
  }

  pardon(circuit: Circuit): void {
    this.#attempts.pardon(circuit)
  }

  circuitsChanged(): void {
    this.#isStopped = this.#shared.circuits.stop(this.handlers)
    this.#wake()
  }

  /** An operator holds the partition, or lets it go. */
  holdsChanged(): void {
    this.#backpressure.hold(this.#shared.holds.has(this))
    this.#backpressure.pauseIfFull()
    this.#backpressure.resumeIfDrained()
    this.#wake()
  }

  /** Takes no new record; resolves when those in hand are finished, or by `close`. */
  drain(): Promise<void> {
    this.#isClosing = true
    this.#dispatch.stop()
    this.#attempts.end()
    this.#resolveIdle()
    return this.#idle.promise
  }

  close(): void {
    this.#isClosing = true
    const { circuits } = this.#shared
    circuits.remove(this)
    this.#abort.abort()
    this.#dispatch.stop()
    this.#attempts.end()
    this.#hands.close()
    for (const entry of this.#window.entries) {
      if (entry.probes !== null) circuits.probed(entry.probes, entry, false)
    }
    this.#window.clear()
    this.#queue.clear()
    this.#idle.resolve()
  }

  /** Called once a second: memory, and what is in hand for too long. */
  lookAfter(): void {
    this.#queue.detachOld()
    this.#window.detachOld()
    this.#hands.reportStuck(this.#shared.parts.log, this.#shared.circuits)
  }

  status(member: string): PartitionStatus {
    const { endOffset, committed, position, isCaughtUp, lastTimestamp } = this.#progress
    const view = {
      topic: this.topic,
      partition: this.partition,
      endOffset,
      committed,
      position,
      isCaughtUp,
      lastTimestamp,
      queueRecords: this.#queue.length,
      queueBytes: this.#queue.bytes,
      nextTimestamp: this.#queue.peek()?.timestamp ?? null,
      windowRecords: this.#dispatch.windowRecords,
      inFlight: this.#hands.count + this.#keeping.count,
      isPaused: this.#backpressure.isPaused,
      pausedBy: this.#pausedBy,
    }
    return laneStatus(member, view, this.#window)
  }

  get #pausedBy(): PauseReason | null {
    if (this.#backpressure.isHeld) return 'operator'
    if (this.#isStopped) return 'circuit'
    if (this.#keeping.isStuck) return 'dead-letters'
    if (!this.#dispatch.hasRoom) return 'window'
    return this.#backpressure.isPaused ? 'queue' : null
  }
}
