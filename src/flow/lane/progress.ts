import type { AssignedPartition, Claim, OffsetRange, RecordBatch } from '../../broker/types.ts'
import type { Committable } from '../../commit/committer.ts'
import type { ArrivedBatch, FinishedState, OffsetTracker } from '../../commit/offset-tracker.ts'
import type { LineProgress } from '../../commit/transactions/types.ts'
import type { KafkaRecord } from '../../kernel/shapes/record.ts'
import { NOT_MOVED, type OperatorMove, type Replay, replayAt } from '../../kernel/shapes/replay.ts'
import type { TopicMeter } from '../../observe/types.ts'
import type { BatchAnswer } from '../types.ts'
import type { CommitBarrier } from './commit-barrier.ts'

type WholeDone = Extract<BatchAnswer, { readonly kind: 'done' }>

/** How far one partition got: which records arrived, and which are finished. */
export class Progress implements Committable, LineProgress {
  readonly topic: string
  readonly partition: number
  readonly claim: Claim | undefined
  #metadata: string
  #operator: OperatorMove
  committed: number
  readonly #tracker: OffsetTracker
  readonly #barrier: CommitBarrier
  readonly #meter: TopicMeter
  #lastTimestamp: number | null = null

  constructor(
    assigned: AssignedPartition,
    tracker: OffsetTracker,
    barrier: CommitBarrier,
    meter: TopicMeter,
  ) {
    this.topic = assigned.topic
    this.partition = assigned.partition
    this.claim = assigned.claim
    this.#metadata = assigned.metadata
    this.#operator = assigned.operator ?? NOT_MOVED
    this.committed = assigned.startOffset
    this.#tracker = tracker
    this.#barrier = barrier
    this.#meter = meter
  }

  /** Commit metadata: as assigned, or of the topic if it was recreated since. */
  get metadata(): string {
    return this.#metadata
  }

  /** The topic was recreated: what operators did to its offsets is over. */
  beginTopic(metadata: string): void {
    this.#metadata = metadata
    this.#operator = NOT_MOVED
  }

  /** What operators did to the offset, up to this assignment. */
  get operator(): OperatorMove {
    return this.#operator
  }

  /** What is left of the records that are handled once more; null: none. */
  get replay(): Replay | null {
    return replayAt(this.#operator.replay, this.committable)
  }

  /** Whether the record is handled once more. */
  isReplay({ offset }: KafkaRecord): boolean {
    return offset < (this.replay?.to ?? 0)
  }

  /** Every record below this offset was handled; during a replay, that is where it ends. */
  get handled(): number {
    return Math.max(this.committable, this.replay?.to ?? 0)
  }

  get committable(): number {
    return this.#tracker.committable
  }

  get gapChanges(): number {
    return this.#tracker.gapChanges
  }

  /** Arrived records, from the lowest unfinished one on. */
  get held(): number {
    return this.#tracker.held
  }

  /** Timestamp of the last record that finished. */
  get lastTimestamp(): number | null {
    return this.#lastTimestamp
  }

  finishedAbove(): readonly OffsetRange[] {
    return this.#tracker.finishedAbove()
  }

  preview(offsets: Iterable<number>): FinishedState {
    return this.#tracker.preview(offsets)
  }

  settle(offset: number): void {
    this.#tracker.settle(offset)
  }

  /** A batch was opened. @param nextOffset nothing below it will arrive. */
  arrived(records: readonly KafkaRecord[], nextOffset: number): void {
    for (const record of records) {
      this.#tracker.arrived(record.offset)
      this.#meter.bytes += record.value?.length ?? 0
    }
    this.#meter.records += records.length
    const last = records.at(-1)
    if (last !== undefined) this.#barrier.batchEndsWith(last.offset)
    this.#tracker.advance(nextOffset)
  }

  /** True if records at or above `offset` may already be finished. */
  inheritsFrom(offset: number): boolean {
    return this.#tracker.inheritsFrom(offset)
  }

  /** A batch that is handed over whole; `finishedWhole` or `split` follows. */
  arrivedWhole({ from, nextOffset, count }: RecordBatch): ArrivedBatch {
    return this.#tracker.arrivedWhole(from, nextOffset, count)
  }

  /** @param of what the worker that opened it found out. */
  finishedWhole(batch: ArrivedBatch, of: Omit<WholeDone, 'kind'>): void {
    this.#meter.records += of.records
    this.#meter.bytes += of.bytes
    this.#lastTimestamp = of.lastTimestamp ?? this.#lastTimestamp
    this.#tracker.finishedWhole(batch)
    this.#barrier.finishedWhole(of.records)
  }

  /** The batch was opened after all: each of its records must be finished. */
  split(batch: ArrivedBatch, records: readonly KafkaRecord[]): void {
    for (const { value } of records) this.#meter.bytes += value?.length ?? 0
    this.#meter.records += records.length
    this.#tracker.split(
      batch,
      records.map(({ offset }) => offset),
    )
  }

  /** Nothing below `offset` will arrive. */
  advance(offset: number): void {
    this.#tracker.advance(offset)
  }

  /** Records from `offset` on arrive again. @param dropped those of them not in flight. */
  goBack(offset: number, dropped: readonly KafkaRecord[]): void {
    this.#tracker.goBack(offset)
    // Nobody finishes them, so they must not be waited for.
    for (const record of dropped) this.#tracker.finished(record.offset)
  }

  /** Offsets continue at `offset`, below what came before. */
  restart(offset: number): void {
    this.#tracker.restart(offset)
    this.#barrier.restart(offset)
  }

  /** The record was finished under an earlier assignment. Called once for each record. */
  wasFinished(record: KafkaRecord): boolean {
    if (!this.#tracker.wasFinished(record.offset)) return false
    this.#meter.carriedOver += 1
    this.#lastTimestamp = record.timestamp
    return true
  }

  /** The record is handled, skipped by a rule, or written as a dead letter. */
  finished(record: KafkaRecord): void {
    this.#lastTimestamp = record.timestamp
    this.#tracker.finished(record.offset)
    this.#barrier.finished(this.#tracker.committable)
  }
}
