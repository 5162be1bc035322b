import type { AssignedPartition, RecordBatch } from '../broker/types.ts'
import type { Committable, Committer } from '../commit/committer.ts'
import type { OffsetTracker } from '../commit/offset-tracker.ts'
import { codeOf, messageOf } from '../kernel/errors.ts'
import { sleep } from '../kernel/lifecycle.ts'
import type { DeadOutcome, Outcome, RetryOutcome } from '../kernel/outcome.ts'
import type { KafkaRecord } from '../kernel/record.ts'
import type { PartitionStatus, TopicMeter } from '../observe/types.ts'
import { RecordQueue } from './record-queue.ts'
import type { FetchControl, FlowOptions, FlowParts, PartitionProcessor } from './types.ts'

const KEEP_BACKOFF = 250
const KEEPING_LIMIT = 64
const KEEP_BACKOFF_LIMIT = 10_000

/**
 * One partition under one assignment: its queue, the record being handled, and how far it got.
 * Handles in offset order, one record at a time. After `close` nothing it still awaits counts:
 * that is the fence between assignments.
 */
export class Lane implements Committable {
  readonly topic: string
  readonly partition: number
  readonly metadata: string
  committed: number
  /** Set by the session: what to tell about progress. */
  committer: Committer | null = null

  readonly #options: FlowOptions
  readonly #parts: FlowParts
  readonly #control: FetchControl
  readonly #wake: (lane: Lane) => void
  readonly #queue = new RecordQueue()
  readonly #tracker: OffsetTracker
  readonly #processor: PartitionProcessor
  readonly #meter: TopicMeter
  readonly #abort = new AbortController()
  /** Last offsets of the fetched batches that are not finished, for commit mode `batch`. */
  readonly #batchEnds: number[] = []
  #inFlight: KafkaRecord | null = null
  /** Failed records on their way to safety. */
  #keeping = 0
  /** Of these, those whose first attempt did not succeed. */
  #stuck = 0
  #held = false
  #closing = false
  #closed = false
  #paused = false
  #endOffset: number | null = null
  #caughtUp = false
  #lastTimestamp: number | null = null
  readonly #idle = Promise.withResolvers<void>()

  constructor(
    assigned: AssignedPartition,
    options: FlowOptions,
    parts: FlowParts,
    control: FetchControl,
    wake: (lane: Lane) => void,
  ) {
    this.topic = assigned.topic
    this.partition = assigned.partition
    this.metadata = assigned.metadata
    this.committed = assigned.startOffset
    this.#options = options
    this.#parts = parts
    this.#control = control
    this.#wake = wake
    this.#tracker = parts.createTracker(assigned)
    this.#processor = parts.openProcessor(assigned)
    this.#meter = parts.meters.topic(assigned.topic)
  }

  get committable(): number {
    return this.#tracker.committable
  }

  /** Has a record to handle, and nothing to wait for. */
  get runnable(): boolean {
    const free = this.#inFlight === null && !this.#held && this.#keeping < this.#mostKeeping
    return this.#queue.length > 0 && free && !this.#closing
  }

  /**
   * Records behind a failed one go on while it is written, which takes a sync of the disk. Not when
   * that does not work: what would be delivered again after a crash stays bounded. And not when
   * each record or batch is committed before the next.
   */
  get #mostKeeping(): number {
    return this.#stuck > 0 || this.#options.commitMode !== 'interval' ? 1 : KEEPING_LIMIT
  }

  get #isIdle(): boolean {
    return this.#inFlight === null && this.#keeping === 0
  }

  accept(batch: RecordBatch): void {
    if (this.#closing) return
    for (const record of batch.records) {
      this.#queue.push(record)
      this.#tracker.arrived(record.offset)
      this.#meter.bytes += record.value?.length ?? 0
    }
    this.#meter.records += batch.records.length
    const last = batch.records.at(-1)
    if (last !== undefined && this.#options.commitMode === 'batch') {
      this.#batchEnds.push(last.offset)
    }
    this.#tracker.advance(batch.nextOffset)
    this.setEndOffset(batch.endOffset)
    if (this.#full && !this.#paused) this.#pause()
    this.#wake(this)
  }

  /** Nothing below `nextOffset` will come any more. */
  advance(nextOffset: number): void {
    // A closing lane has turned batches away: it must not claim what lies beyond them.
    if (this.#closing) return
    this.#tracker.advance(nextOffset)
    this.setEndOffset(Math.max(nextOffset, this.#endOffset ?? 0))
  }

  /** Reaching the end is an event, never an error. */
  setEndOffset(endOffset: number): void {
    this.#endOffset = endOffset
    const caughtUp = this.#tracker.position >= endOffset
    if (caughtUp && !this.#caughtUp) this.#parts.meters.process.caughtUp += 1
    this.#caughtUp = caughtUp
  }

  /**
   * Handles records until the queue is empty, one has to be waited for, `limit` are done, or the
   * monotonic time `until` has come.
   */
  run(limit: number, until: number): void {
    let started = performance.now()
    const wallOffset = Date.now() - started
    for (let count = 0; count < limit && started < until && this.runnable; count++) {
      const record = this.#queue.shift()
      if (record === undefined) break
      if (this.#paused && this.#drained) this.#resume()
      this.#inFlight = record
      const outcome = this.#processor.process(record, this.#abort.signal)
      if (outcome instanceof Promise) {
        void this.#await(outcome, record, started)
        return
      }
      const now = performance.now()
      this.#settle(record, outcome, now - started, now + wallOffset)
      started = now
    }
  }

  async #await(outcome: Promise<Outcome>, record: KafkaRecord, started: number): Promise<void> {
    const settled = await outcome
    if (this.#closed) return
    this.#settle(record, settled, performance.now() - started, Date.now())
    this.#wake(this)
  }

  #settle(record: KafkaRecord, outcome: Outcome, took: number, wallTime: number): void {
    const meter = this.#meter
    meter.handleSeconds.observe(took / 1000)
    this.#inFlight = null
    if (outcome.kind === 'dead' || outcome.kind === 'retry') {
      this.#keeping += 1
      void this.#keep(record, outcome)
      return
    }
    if (outcome.kind === 'ok') meter.handled += 1
    else meter.skipped += 1
    meter.endToEndSeconds.observe((wallTime - record.timestamp) / 1000)
    this.#finish(record)
  }

  #finish(record: KafkaRecord): void {
    this.#lastTimestamp = record.timestamp
    this.#tracker.finished(record.offset)
    this.committer?.finished(1)
    const { commitMode } = this.#options
    if (commitMode === 'record') void this.#holdForCommit()
    else if (commitMode === 'batch' && this.#batchEnds[0] === record.offset) {
      this.#batchEnds.shift()
      void this.#holdForCommit()
    }
    if (this.#closing && this.#isIdle) this.#idle.resolve()
  }

  /** The next record waits for the commit; when that fails, a later commit makes up for it. */
  async #holdForCommit(): Promise<void> {
    this.#held = true
    await this.committer?.flush()
    this.#held = false
    this.#wake(this)
  }

  /** The record's offset is finished only when the record is safe, however long that takes. */
  async #keep(record: KafkaRecord, { error, handler }: DeadOutcome | RetryOutcome): Promise<void> {
    const { log, meters } = this.#parts
    const where = { topic: record.topic, partition: record.partition, offset: record.offset }
    log.error({ event: 'record.failed', ...where, code: error.code }, error.message)
    for (let attempt = 0; !this.#closed; attempt++) {
      try {
        const failedAt = this.#parts.clock.now()
        const letter = { record, error, handler, attempts: 1, failedAt, redrives: 0 }
        await this.#parts.deadLetters.keep(letter)
        if (this.#closed) return
        this.#keeping -= 1
        if (attempt > 0) this.#stuck -= 1
        const { failedRecords } = this.#meter
        failedRecords.set(error.code, (failedRecords.get(error.code) ?? 0) + 1)
        this.#finish(record)
        this.#wake(this)
        return
      } catch (problem) {
        if (attempt === 0) this.#stuck += 1
        meters.countError('sink', codeOf(problem))
        log.error(
          { event: 'record.not-kept', ...where, code: codeOf(problem) },
          `${messageOf(problem)} The partition waits: nothing is dropped.`,
        )
        const backoff = Math.min(KEEP_BACKOFF * 2 ** attempt, KEEP_BACKOFF_LIMIT)
        await sleep(backoff, this.#abort.signal)
      }
    }
  }

  /** Takes no new record; resolves when the one in hand is finished, or by `close`. */
  drain(): Promise<void> {
    this.#closing = true
    if (this.#isIdle) this.#idle.resolve()
    return this.#idle.promise
  }

  close(): void {
    this.#closing = true
    this.#closed = true
    this.#queue.clear()
    this.#abort.abort()
    this.#idle.resolve()
  }

  /** Called now and then: see RecordQueue. */
  detachOld(): void {
    this.#queue.detachOld()
  }

  get #full(): boolean {
    const { maxBytesPerPartition, maxRecordsPerPartition } = this.#options
    return this.#queue.bytes > maxBytesPerPartition || this.#queue.length > maxRecordsPerPartition
  }

  get #drained(): boolean {
    const { maxBytesPerPartition, maxRecordsPerPartition } = this.#options
    return (
      this.#queue.bytes * 2 <= maxBytesPerPartition &&
      this.#queue.length * 2 <= maxRecordsPerPartition
    )
  }

  #pause(): void {
    this.#paused = true
    this.#parts.meters.process.pauses += 1
    this.#control.pause(this)
  }

  #resume(): void {
    this.#paused = false
    this.#control.resume(this)
  }

  status(member: string): PartitionStatus {
    const end = this.#endOffset
    const lag = end === null ? null : Math.max(0, end - this.committed)
    const waiting = this.#inFlight ?? this.#queue.peek()
    // Nothing at hand but behind: what is next is no older than what was last.
    const oldest = waiting?.timestamp ?? (this.#caughtUp ? null : this.#lastTimestamp)
    return {
      topic: this.topic,
      partition: this.partition,
      member,
      endOffset: end,
      committedOffset: this.committed,
      position: this.#tracker.position,
      lag,
      queueRecords: this.#queue.length,
      queueBytes: this.#queue.bytes,
      inFlight: this.#keeping + (this.#inFlight === null ? 0 : 1),
      paused: this.#paused,
      caughtUp: this.#caughtUp,
      oldestUnprocessedTime: oldest,
    }
  }
}
