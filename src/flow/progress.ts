import type { AssignedPartition, OffsetRange } from '../broker/types.ts'
import type { Committable } from '../commit/committer.ts'
import type { OffsetTracker } from '../commit/offset-tracker.ts'
import type { KafkaRecord } from '../kernel/record.ts'
import type { TopicMeter } from '../observe/types.ts'
import type { CommitHold } from './commit-hold.ts'

/** How far one partition got: what arrived, and what is finished. */
export class Progress implements Committable {
  readonly topic: string
  readonly partition: number
  /** Goes with the commits: as it was assigned, or of the topic that was made anew since. */
  metadata: string
  committed: number
  readonly #tracker: OffsetTracker
  readonly #hold: CommitHold
  readonly #meter: TopicMeter
  #lastTimestamp: number | null = null

  constructor(
    assigned: AssignedPartition,
    tracker: OffsetTracker,
    hold: CommitHold,
    meter: TopicMeter,
  ) {
    this.topic = assigned.topic
    this.partition = assigned.partition
    this.metadata = assigned.metadata
    this.committed = assigned.startOffset
    this.#tracker = tracker
    this.#hold = hold
    this.#meter = meter
  }

  get committable(): number {
    return this.#tracker.committable
  }

  get gapChanges(): number {
    return this.#tracker.gapChanges
  }

  /** Records that arrived, from the lowest unfinished one on. */
  get held(): number {
    return this.#tracker.held
  }

  /** Of the last record that finished. */
  get lastTimestamp(): number | null {
    return this.#lastTimestamp
  }

  finishedAbove(): readonly OffsetRange[] {
    return this.#tracker.finishedAbove()
  }

  /** A batch was taken apart. @param nextOffset nothing below it comes any more. */
  arrived(records: readonly KafkaRecord[], nextOffset: number): void {
    for (const record of records) {
      this.#tracker.arrived(record.offset)
      this.#meter.bytes += record.value?.length ?? 0
    }
    this.#meter.records += records.length
    const last = records.at(-1)
    if (last !== undefined) this.#hold.batchEndsWith(last.offset)
    this.#tracker.advance(nextOffset)
  }

  /** Nothing below `offset` will come any more. */
  advance(offset: number): void {
    this.#tracker.advance(offset)
  }

  /** Offsets go on at `offset`, below what came before. */
  restart(offset: number): void {
    this.#tracker.restart(offset)
    this.#hold.restart(offset)
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
