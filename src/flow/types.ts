import type { AssignedPartition, MemberControl, RecordBatch } from '../broker/types.ts'
import type { CommitMode, Committer } from '../commit/committer.ts'
import type { OffsetTracker } from '../commit/offset-tracker.ts'
import type { Clock } from '../kernel/clock.ts'
import type { DeadLetterTarget } from '../kernel/dead-letter.ts'
import type { OccError } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'
import type { Outcome } from '../kernel/outcome.ts'
import type { KafkaRecord, TopicPartition } from '../kernel/record.ts'
import type { DeadLetterMeter, Meters } from '../observe/types.ts'

export interface FlowOptions {
  /** Most bytes of all partitions together, fetched and in flight: each has a fair share of it. */
  readonly maxBytes: number
  /** Past either of these, or its share, a partition's fetching pauses. */
  readonly maxBytesPerPartition: number
  readonly maxRecordsPerPartition: number
  /** Milliseconds that a rebalance waits for what is being handled. */
  readonly rebalanceDrain: number
  /** `batch` and `record` hold a partition back until its commit is through. */
  readonly commitMode: CommitMode
  readonly order: RecordOrder
  /** Pieces of work in hand at the same time, over all partitions: a record, or a slice. */
  readonly concurrency: number
  /** Most records of a partition from its lowest unfinished one to the newest one taken. */
  readonly maxInFlight: number
  /** Most bytes of a partition's records that were taken and are not finished. */
  readonly maxInFlightBytes: number
  /** Records handed over in a second, over all partitions; 0: no limit. */
  readonly maxRecordsPerSecond: number
  readonly retry: RetryOptions
  readonly circuit: CircuitOptions
}

/**
 * What may not overlap or swap: the records of a partition, those of a partition that share a key,
 * or nothing.
 */
export type RecordOrder = 'partition' | 'key' | 'none'

/** Times in milliseconds. */
export interface RetryOptions {
  /** Attempts in all, the first one included. */
  readonly attempts: number
  /** Longest pause before the second attempt; it doubles with each, up to `maxBackoff`. */
  readonly backoff: number
  readonly maxBackoff: number
  /** Longest pause that an answer may ask for; without it, as long as a timer can be. */
  readonly maxAfter?: number
}

/** Times in milliseconds. */
export interface CircuitOptions {
  /** So many records in a row that a handler fails open its circuit. */
  readonly failures: number
  /** The same for one that has not succeeded yet; at most `failures`. */
  readonly firstFailures: number
  /** Pause before the first probe; it doubles with each that fails, up to `maxProbeAfter`. */
  readonly probeAfter: number
  readonly maxProbeAfter: number
  /**
   * A record without evidence for or against it is given up after this long where it alone keeps its
   * partition from going on, or failed with an error of its own in a handler that had worked before.
   */
  readonly patience: number
}

/** What can be changed while it runs; what is left out stays as it is. */
export interface FlowChanges {
  readonly concurrency?: number
  readonly maxRecordsPerSecond?: number
  /** From the next failed attempt on; a pause that has begun stays as long as it is. */
  readonly retry?: RetryOptions
}

/**
 * Handles the records of one partition. It answers at once where it can: the flow then needs no
 * turn of the event loop for a record. Never throws, never rejects.
 */
export interface PartitionProcessor {
  /** Names of whom its records go to; without it: nobody knows, so anybody's circuit stops it. */
  readonly handlers?: readonly string[]
  /** What its records are decoded as, in words, for people to read: `JSON`. */
  readonly format?: string
  /**
   * Milliseconds after which a record in hand counts as stuck: its handler ignores its deadline.
   * The record goes on holding what it holds, but for its place of `concurrency`.
   */
  readonly stuckAfter?: number
  /** One attempt. The record may be another object at each; its offset names it. */
  process(record: KafkaRecord, signal: AbortSignal): Outcome | Promise<Outcome>
  /** What orders records with `order: key`; null: nothing, the record goes with nobody. */
  keyOf?(record: KafkaRecord): string | null
  /** Where it is more than one record, `processSlice` gets them, in place of `process`. May change. */
  readonly slice?: SliceOptions | undefined
  /**
   * One attempt at several records of the partition, in offset order; an answer for each. With
   * `ordered`, what is behind an answer that `holdsOrder` was not begun and answers `untouched`.
   * @param progress is called whenever a part of it is done: it does not hang.
   */
  processSlice?(
    records: readonly KafkaRecord[],
    signal: AbortSignal,
    ordered: boolean,
    progress?: () => void,
  ): Promise<ReadonlyArray<Outcome | 'untouched'>>
  /**
   * Where it is something, `processBatches` gets whole batches while nothing is in the way of their
   * records: nobody takes them apart in this thread then. May change.
   */
  readonly batches?: BatchLimits | undefined
  /**
   * One attempt at all records of batches that follow one another, each of which has `raw`. With
   * `ordered`, what is behind an answer that `holdsOrder` was not begun.
   */
  processBatches?(
    batches: readonly RecordBatch[],
    signal: AbortSignal,
    ordered: boolean,
  ): Promise<BatchesAnswer>
  /** Begins no further record of whole batches: what is done of them is answered soon. */
  halt?(): void
  /** No attempt at this record follows: what was remembered for it can go. */
  settled?(record: KafkaRecord): void
}

/** How much goes together, and what may go whole at all. */
export interface BatchLimits {
  /** Of several batches together; a larger one goes alone. */
  readonly records: number
  readonly bytes: number
  /** A batch of more records is taken apart here: it would be in hand for too long. */
  readonly most: number
}

/** What became of whole batches. */
export interface BatchesAnswer {
  /** Of each, in their order. */
  readonly batches: readonly BatchAnswer[]
  /** Who handled records of those that are `done`, and with whom; null: nobody by name. */
  readonly succeeded: ReadonlyArray<readonly string[] | null>
  /** Of all records that were finished or tried; null: nobody knows, as where a worker died. */
  readonly times: BatchTimes | null
}

/** Observations by bucket, as FastHistogram.add takes them. */
export interface BatchTimes {
  readonly handle: { readonly counts: readonly number[]; readonly sum: number }
  readonly endToEnd: { readonly counts: readonly number[]; readonly sum: number }
}

export type BatchAnswer =
  /** Every record is handled, or left out by a rule. */
  | {
      readonly kind: 'done'
      readonly records: number
      /** Of their values. */
      readonly bytes: number
      readonly handled: number
      readonly skipped: number
      /** Of the last one; null: there is none. */
      readonly lastTimestamp: number | null
    }
  /** An answer for each of its records. */
  | {
      readonly kind: 'parts'
      readonly records: readonly KafkaRecord[]
      readonly answers: ReadonlyArray<Outcome | 'untouched'>
    }
  | { readonly kind: 'unreadable'; readonly error: OccError }
  | { readonly kind: 'untouched' }

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
  /** Letters are counted here from the first attempt to keep them until one succeeds. */
  readonly letterMeter: Pick<DeadLetterMeter, 'waiting'>
  createTracker(partition: AssignedPartition): OffsetTracker
  /** Made once for each member. */
  createCommitter(member: Pick<MemberControl, 'commit'>): Committer
  readonly meters: Meters
  readonly clock: Clock
  readonly log: Log
  /** From 0 to 1, for the jitter of pauses. */
  readonly random?: () => number
}
