import type { AssignedPartition, Assignment } from '../broker/types.ts'
import type { CommitMode, Committable, Committer } from '../commit/committer.ts'
import type { OffsetTracker } from '../commit/offset-tracker.ts'
import type { Clock } from '../kernel/clock.ts'
import type { OccError } from '../kernel/errors.ts'
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
 * Handles the records of one partition, one after the other. It answers at once where it can:
 * the flow then needs no turn of the event loop for a record. Never throws, never rejects.
 */
export interface PartitionProcessor {
  process(record: KafkaRecord, signal: AbortSignal): Outcome | Promise<Outcome>
}

/** What the flow is put together from: app.ts hands it in. */
export interface FlowParts {
  /** Made anew for each assignment of a partition: what it remembers ends with the assignment. */
  openProcessor(partition: TopicPartition): PartitionProcessor
  /** Keeps a record that cannot be handled. Resolves when it is safe, rejects when it is not. */
  keepFailed(record: KafkaRecord, error: OccError): Promise<void>
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
