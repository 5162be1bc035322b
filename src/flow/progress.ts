import type { AssignedPartition, OffsetRange, RecordBatch } from '../broker/types.ts'
import type { Committable } from '../commit/committer.ts'
import type { OffsetTracker } from '../commit/offset-tracker.ts'
import type { KafkaRecord } from '../kernel/record.ts'
import type { ProcessMeter, TopicMeter } from '../observe/types.ts'
import type { CommitHold } from './commit-hold.ts'

/** How far one partition got: what arrived, what is finished, and where it ends. */
export class Progress implements Committable {
  readonly topic: string
  readonly partition: number
  readonly metadata: string
  committed: number
  readonly #tracker: OffsetTracker
  readonly #hold: CommitHold
  readonly #meter: TopicMeter
  readonly #process: ProcessMeter
  #endOffset: number | null = null
  #isCaughtUp = false
  #lastTimestamp: number | null = null

  constructor(
    assigned: AssignedPartition,
    tracker: OffsetTracker,
    hold: CommitHold,
    meter: TopicMeter,
    process: ProcessMeter,
  ) {
    this.topic = assigned.topic
    this.partition = assigned.partition
    this.metadata = assigned.metadata
    this.committed = assigned.startOffset
    this.#tracker = tracker
    this.#hold = hold
    this.#meter = meter
    this.#process = process
  }

  get committable(): number {
    return this.#tracker.committable
  }

  get gapChanges(): number {
    return this.#tracker.gapChanges
  }

  get position(): number {
    return this.#tracker.position
  }

  /** Records that arrived, from the lowest unfinished one on. */
  get held(): number {
    return this.#tracker.held
  }

  get endOffset(): number | null {
    return this.#endOffset
  }

  get isCaughtUp(): boolean {
    return this.#isCaughtUp
  }

  /** Of the last record that finished. */
  get lastTimestamp(): number | null {
    return this.#lastTimestamp
  }

  finishedAbove(): readonly OffsetRange[] {
    return this.#tracker.finishedAbove()
  }

  arrived(batch: RecordBatch): void {
    for (const record of batch.records) {
      this.#tracker.arrived(record.offset)
      this.#meter.bytes += record.value?.length ?? 0
    }
    this.#meter.records += batch.records.length
    const last = batch.records.at(-1)
    if (last !== undefined) this.#hold.batchEndsWith(last.offset)
    this.#tracker.advance(batch.nextOffset)
    this.setEndOffset(batch.endOffset)
  }

  /** Nothing below `nextOffset` will come any more. */
  advance(nextOffset: number): void {
    this.#tracker.advance(nextOffset)
    this.setEndOffset(Math.max(nextOffset, this.#endOffset ?? 0))
  }

  /** Reaching the end is an event, never an error. */
  setEndOffset(endOffset: number): void {
    this.#endOffset = endOffset
    const isCaughtUp = this.#tracker.position >= endOffset
    if (isCaughtUp && !this.#isCaughtUp) this.#process.caughtUp += 1
    this.#isCaughtUp = isCaughtUp
  }

  /** It was handled under an assignment before: it is not handled again. Asked once a record. */
  wasFinished(record: KafkaRecord): boolean {
    if (!this.#tracker.wasFinished(record.offset)) return false
    this.#meter.carriedOver += 1
    this.#lastTimestamp = record.timestamp
    return true
  }

  /** Handled, left out by a rule, or kept as a dead letter. */
  finished(record: KafkaRecord): void {
    this.#lastTimestamp = record.timestamp
    this.#tracker.finished(record.offset)
    this.#hold.finished(this.#tracker.committable)
  }
}
