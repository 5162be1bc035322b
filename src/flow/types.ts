import type { AssignedPartition, Claim, MemberControl, RecordBatch } from '../broker/types.ts'
import type { CommitMode, Committer } from '../commit/committer.ts'
import type { OffsetTracker } from '../commit/offset-tracker.ts'
import type { LineProgress } from '../commit/transactions/types.ts'
import type { Config } from '../config/types.ts'
import type { OccError } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'
import type { DeadLetter } from '../kernel/shapes/dead-letter.ts'
import type { DueRecord } from '../kernel/shapes/due-record.ts'
import type { HeldWrite } from '../kernel/shapes/held-write.ts'
import type { Outcome } from '../kernel/shapes/outcome.ts'
import type { ToPark } from '../kernel/shapes/parked.ts'
import type { KafkaRecord, TopicPartition } from '../kernel/shapes/record.ts'
import type { Replay } from '../kernel/shapes/replay.ts'
import type { Clock } from '../kernel/time/clock.ts'
import type { DeadLetterMeter, Meters, Observed } from '../observe/types.ts'

type Processing = Config['processing']

/**
 * The keys of the configuration that the flow uses. Times in milliseconds. A change applies to what
 * reads the options at each use; the keys that the schema calls live are read so.
 */
export interface FlowOptions
  extends Pick<
      Processing,
      'order' | 'concurrency' | 'maxInFlight' | 'maxInFlightBytes' | 'maxRecordsPerSecond'
    >,
    Pick<Config['flow'], 'maxBytes' | 'rebalanceDrain'>,
    QueueOptions {
  /** `batch` and `record` hold a partition until its commit has succeeded. */
  readonly commitMode: CommitMode
  readonly retry: RetryOptions
  readonly circuit: CircuitOptions
}

type QueueOptions = Config['flow']['queue']

/**
 * Which records must not overlap or change order: those of a partition, those of a partition with
 * the same key, or none.
 */
export type RecordOrder = Processing['order']
export type RetryOptions = Config['retry']
export type CircuitOptions = Config['circuit']

/**
 * Handles the records of one partition. It answers synchronously where it can; the flow then needs
 * no turn of the event loop for a record. Never throws, never rejects.
 */
export interface PartitionProcessor {
  /** Names of the handlers its records go to. Without it, any circuit stops the partition. */
  readonly handlers?: readonly string[]
  /** The format its records are decoded as, for people to read: `JSON`. May change. */
  readonly format?: string
  /**
   * Milliseconds after which a record in flight counts as stuck, because its handler ignores its
   * deadline. The record keeps everything it holds except its concurrency slot.
   */
  readonly stuckAfter?: number | undefined
  /**
   * Names of the handlers that have the record now, and have not answered. Asked where a status is made, never
   * for each record: it looks at all calls. Absent: it is not known.
   */
  handling?(record: RecordPlace): readonly string[]
  /** Total attempts at a record of this handler. undefined, or without it: `retry.attempts`. */
  attemptsOf?(handler: string): number | undefined
  /** One attempt. Each attempt may get another object for the record; the offset identifies it. */
  process(record: KafkaRecord, signal: AbortSignal): Outcome | Promise<Outcome>
  /**
   * Resolves when what the record needs to be decoded is there, such as its schema; null: it is.
   * Until then it is not taken, and its partition waits. Never rejects.
   */
  awaits?(record: KafkaRecord): Promise<void> | null
  /** Whether `awaits` may be anything but null: such records are opened in this thread. May change. */
  readonly mayAwait?: boolean
  /**
   * The record was finished under an earlier assignment, and is not handled: takes note of what later
   * records depend on.
   */
  recall?(record: KafkaRecord): void
  /** The key that orders records with `order: key`; null: the record is not ordered. */
  keyOf?(record: KafkaRecord): string | null
  /** If its size is above 1, `processSlice` gets the records instead of `process`. May change. */
  readonly slice?: SliceOptions | undefined
  /**
   * One attempt at several records of the partition, in offset order, with one answer for each.
   * With `ordered`, records after an answer that `holdsOrder` were not begun and get `untouched`.
   * @param progress is called whenever part of the work is done, to show that it does not hang.
   */
  processSlice?(
    records: readonly KafkaRecord[],
    signal: AbortSignal,
    ordered: boolean,
    progress?: () => void,
  ): Promise<ReadonlyArray<Outcome | 'untouched'>>
  /**
   * If set, `processBatches` gets whole batches while nothing blocks their records. This thread
   * then never opens them. May change.
   */
  readonly batches?: BatchLimits | undefined
  /**
   * One attempt at all records of consecutive batches, each of which has `raw`. With `ordered`,
   * records after an answer that `holdsOrder` were not begun.
   */
  processBatches?(
    batches: readonly RecordBatch[],
    signal: AbortSignal,
    ordered: boolean,
  ): Promise<BatchesAnswer>
  /** Begins no further record of whole batches. What is done of them is answered soon. */
  halt?(): void
  /** No attempt at this record follows: anything remembered for it can be dropped. */
  settled?(record: KafkaRecord): void
}

/** Which record. */
export type RecordPlace = Pick<KafkaRecord, 'topic' | 'partition' | 'offset'>

/** Limits for batches that are handed over whole. */
export interface BatchLimits {
  /** Limits for several batches together; a larger batch goes alone. */
  readonly records: number
  readonly bytes: number
  /** A batch with more records is opened in this thread; whole, it would be in flight too long. */
  readonly most: number
}

/** The results of whole batches. */
export interface BatchesAnswer {
  /** One for each batch, in order. */
  readonly batches: readonly BatchAnswer[]
  /** The sets of handlers that succeeded with records of `done` batches; null: unnamed. */
  readonly succeeded: ReadonlyArray<readonly string[] | null>
  /** Times of all finished or attempted records; null: unknown, as after a worker died. */
  readonly times: BatchTimes | null
}

/** Times of records of whole batches, measured where they were handled. */
export interface BatchTimes {
  readonly handle: Observed
  readonly endToEnd: Observed
}

export type BatchAnswer =
  /** Every record is handled, or read and skipped by a rule. */
  | {
      readonly kind: 'done'
      readonly records: number
      /** Bytes of the values. */
      readonly bytes: number
      readonly handled: number
      readonly skipped: number
      /** Timestamp of the last record; null: no record. */
      readonly lastTimestamp: number | null
    }
  /** One answer for each record. */
  | {
      readonly kind: 'parts'
      readonly records: readonly KafkaRecord[]
      readonly answers: ReadonlyArray<Outcome | 'untouched'>
    }
  | { readonly kind: 'unreadable'; readonly error: OccError }
  | { readonly kind: 'untouched' }

export interface SliceOptions {
  /** Maximum records of a slice. */
  readonly size: number
  /** Milliseconds the first record waits for the slice to fill; 0: takes what is available. */
  readonly within: number
}

/** A partition as a processor is opened for it. */
export interface OpenedPartition extends TopicPartition {
  /** First offset that is handled; absent: it is opened for single records. */
  readonly begins?: number
  /** Records that are handled once more, because an operator set the offset back; null: none. */
  readonly replay?: Replay | null
  /** The store of offsets was set back, so records that were handled here are handled once more. */
  readonly isBack?: boolean
  /** It is opened for this parked record alone; null: it is not. */
  readonly parked?: DueRecord | null
}

/** A dead letter before it is addressed: the flow does not know its group. */
export type FailedRecord = Omit<DeadLetter, 'group'>

/** What is to be written with the offset of a letter or a parked record. */
export interface LetterContext {
  /** Of the assignment; undefined: offsets are kept in Kafka alone. */
  readonly claim: Claim | undefined
  /** Of handlers that are done with the record. */
  readonly writes: readonly HeldWrite[]
}

/** What is known of a parked record that may hold a key. */
export type Holder =
  /** No parked record holds it. */
  | 'none'
  /** Another record does. */
  | 'other'
  /** This very record is parked. */
  | 'itself'

/** Which keys parked records hold. Rejects if that cannot be told. */
export interface HoldPlace {
  /** What parked records of the partition hold; null: too many to remember. */
  held(partition: TopicPartition): Promise<ReadonlySet<string> | null>
  holderOf(record: KafkaRecord, hold: string): Promise<Holder>
}

/** Where records are parked. */
export interface ParkingPlace {
  /** Absent, or null: a parked record holds nothing. */
  readonly hold?: HoldPlace | null
  /**
   * Milliseconds until a record is due that used up its attempts through no fault of its own; null:
   * it becomes a letter.
   */
  readonly afterRetries: number | null
  /**
   * Resolves when it is kept. Rejects otherwise: then its offset is not finished. May be called again
   * with the same record.
   */
  park(record: ToPark, of: LetterContext): Promise<void>
}

/** What stops the records of all partitions together, except probes: no place, or a full queue behind them. */
export interface Gate {
  /** True if a record may be handed over now. */
  readonly open: boolean
  /** Calls back once, when `open` is worth checking again. */
  whenOpen(opened: () => void): void
}

/** The lane that a processor works for. */
export interface ProcessorLane {
  readonly progress: LineProgress
  /** Aborts when no answer counts any more. */
  readonly signal: AbortSignal
}

/** The parts of the flow, supplied by `app/`. */
export interface FlowParts {
  /** Called for each assignment of a partition. What the processor remembers ends with it. */
  openProcessor(partition: AssignedPartition, lane: ProcessorLane): PartitionProcessor
  /** As `DeadLetterTarget.keep`. */
  readonly deadLetters: { keep(letter: FailedRecord, of: LetterContext): Promise<void> }
  /** Absent, or null: no record is parked. */
  readonly parking?: ParkingPlace | null
  /** Absent, or null: how much is handled at once is the only bound. */
  readonly outlet?: Gate | null
  /** Counts dead letters from the first attempt to write them until one succeeds. */
  readonly letterMeter: Pick<DeadLetterMeter, 'waiting'>
  createTracker(partition: AssignedPartition): OffsetTracker
  /** Called once for each member. */
  createCommitter(member: Pick<MemberControl, 'commit'>): Committer
  readonly meters: Meters
  readonly clock: Clock
  readonly log: Log
  /** A number from 0 to 1, for the jitter of pauses. */
  readonly random?: () => number
}
