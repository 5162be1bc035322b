import type { AssignedPartition, Assignment } from '../broker/types.ts'
import type { CommitMode, Committable, Committer } from '../commit/committer.ts'
import type { OffsetTracker } from '../commit/offset-tracker.ts'
import type { Clock } from '../kernel/clock.ts'
import type { DeadLetterTarget } from '../kernel/dead-letter.ts'
import type { Log } from '../kernel/log.ts'
import type { Outcome } from '../kernel/outcome.ts'
import type { KafkaRecord, TopicPartition } from '../kernel/record.ts'
import type { Meters } from '../observe/types.ts'

export interface FlowOptions {
  /** Past either of these a partition's queue is full, and its fetching pauses. */
  readonly maxBytesPerPartition: number
  readonly maxRecordsPerPartition: number
  /** Milliseconds that a rebalance waits for what is being handled. */
  readonly rebalanceDrain: number
  /** `batch` and `record` hold a partition back until its commit is through. */
  readonly commitMode: CommitMode
}

/**
 * Handles the records of one partition. It answers at once where it can: the flow then needs no
 * turn of the event loop for a record. Never throws, never rejects.
 */
export interface PartitionProcessor {
  /** One attempt. */
  process(record: KafkaRecord, signal: AbortSignal): Outcome | Promise<Outcome>
  /** What orders records with `order: key`; null: nothing, the record goes with nobody. */
  keyOf?(record: KafkaRecord): string | null
  /** Where it is more than one record, `processSlice` gets them, in place of `process`. */
  readonly slice?: SliceOptions
  /**
   * One attempt at several records of the partition, in offset order; an answer for each. With
   * `ordered`, what is behind an answer `retry` was not begun and answers `untouched`.
   */
  processSlice?(
    records: readonly KafkaRecord[],
    signal: AbortSignal,
    ordered: boolean,
  ): Promise<ReadonlyArray<Outcome | 'untouched'>>
  /** No attempt at this record follows: what was remembered for it can go. */
  settled?(record: KafkaRecord): void
}

export interface SliceOptions {
  /** Most records of a slice. */
  readonly size: number
  /** Milliseconds that the first record waits for the slice to fill; 0: takes what is there. */
  readonly within: number
}

/** What the flow is put together from: app.ts hands it in. */
export interface FlowParts {
  /** Made anew for each assignment of a partition: what it remembers ends with the assignment. */
  openProcessor(partition: TopicPartition): PartitionProcessor
  readonly deadLetters: Pick<DeadLetterTarget, 'keep'>
  createTracker(partition: AssignedPartition): OffsetTracker
  createCommitter(assignment: Assignment, partitions: readonly Committable[]): Committer
  readonly meters: Meters
  readonly clock: Clock
  readonly log: Log
}

/** What the flow may ask of the member that fetches for it. */
export interface FetchControl {
  pause(partition: TopicPartition): void
  resume(partition: TopicPartition): void
}
