import type { Config, SaslConfig, TlsConfig } from '../config/types.ts'
import type { OccError } from '../kernel/errors.ts'
import type { KafkaRecord, TopicPartition } from '../kernel/shapes/record.ts'
import type { OperatorMove } from '../kernel/shapes/replay.ts'

/** How to reach the brokers and authenticate. Secrets are read from files when needed. */
export interface BrokerOptions {
  readonly brokers: readonly string[]
  readonly clientId: string
  readonly security: SecurityOptions
  readonly connectionTimeout: number
  readonly requestTimeout: number
  /**
   * What the user wrote in place of keys, for remedies: `kafka.brokers` may have come by
   * `--brokers`.
   */
  readonly givenBy?: Readonly<Record<string, string>>
}

export interface SecurityOptions {
  readonly protocol: Config['kafka']['securityProtocol']
  readonly sasl?: SaslConfig | undefined
  readonly tls?: TlsConfig | undefined
}

/** Assignment strategies, by the names that Java's and librdkafka's clients use on the wire. */
export type AssignorName = 'cooperative-sticky' | 'sticky' | 'range' | 'roundrobin'

export interface MemberOptions {
  /** Name of this member in logs and metrics: `consumer-0`. */
  readonly name: string
  readonly groupId: string
  /**
   * Static membership: a restart within the session timeout keeps the partitions. null: dynamic.
   */
  readonly groupInstanceId: string | null
  /** Offered to the group, in order of preference. */
  readonly assignors: readonly AssignorName[]
  readonly topics: readonly string[]
  /** Where a partition without a committed offset starts; `none`: fails instead. */
  readonly autoOffsetReset: 'earliest' | 'latest' | 'none'
  readonly readUncommitted: boolean
  /** Whether the CRC-32C of each batch is checked. */
  readonly checkCrcs: boolean
  /** Max bytes of a decompressed batch. */
  readonly maxBatchBytes: number
  /**
   * What happens to a batch that stays unreadable: `hold`: its partition waits; `keep`: it becomes
   * a dead letter.
   */
  readonly corruptBatches: 'hold' | 'keep'
  /** All times in milliseconds. */
  readonly sessionTimeout: number
  readonly heartbeatInterval: number
  readonly rebalanceTimeout: number
  readonly metadataMaxAge: number
  /** How long a broken connection is retried before the member stops. */
  readonly restartWindow: number
  /** How often end offsets are requested, for the lag. */
  readonly lagInterval: number
  readonly rackId: string
  readonly fetch: Omit<Config['kafka']['fetch'], 'maxBatchBytes'>
}

/**
 * A record batch of one partition as fetched: bytes that are decoded only when its records are
 * used. Batches of a partition follow each other without a gap: `from` of one is `nextOffset` of
 * the previous one. Holes inside a batch (compaction, markers) are normal.
 */
export interface RecordBatch extends TopicPartition {
  /** The position it was fetched at: records below it are not wanted. */
  readonly from: number
  /** The offset after its last one, whether or not a record with that last offset exists. */
  readonly nextOffset: number
  /**
   * Max number of records; 0 for a batch that only moves the position (markers, aborted records).
   */
  readonly count: number
  /** Size of the batch as received: the memory it holds until `read`. */
  readonly bytes: number
  /**
   * Timestamp of its first record, from its header; milliseconds since the epoch. Used as the age
   * of waiting records.
   */
  readonly firstTimestamp: number
  /** High watermark: the offset that the next produced record will get. */
  readonly endOffset: number
  /** null; or why it cannot be read, if it is to become one dead letter. */
  readonly damage: BatchDamage | null
  /**
   * Its records from `from` on, in offset order; values are slices of a shared buffer.
   * @throws OccError OCC_BATCH_CORRUPT, OCC_BATCH_CODEC, OCC_BATCH_TOO_LARGE
   */
  read(): readonly KafkaRecord[]
  /** The same records, valid only until `free`, which whoever borrows them has to call. */
  borrow?(): readonly KafkaRecord[]
  /**
   * Copies its bytes, which are a slice of the fetched response, so that the response can be freed.
   */
  detach(): void
  /** What another thread needs to `read` the same records; absent: only this thread can. */
  readonly raw?: RawBatch
  /** Frees its memory at once, without the garbage collector. It must not be read again. */
  free?(): void
}

/** A complete batch. */
export interface RawBatch {
  /** As received, including the header. */
  readonly bytes: Buffer
  /** Max bytes once it is decompressed. */
  readonly maxBatchBytes: number
}

/** What is known about a batch that cannot be read. */
export interface BatchDamage {
  readonly error: OccError
  /** `none`, `gzip`, `snappy`, `lz4`, `zstd`, or an unknown number. */
  readonly codec: string
  readonly firstOffset: number
  readonly lastOffset: number
  /** The batch as received, including the header. */
  readonly raw: Buffer
}

/** The offsets of [from, to). */
export interface OffsetRange {
  readonly from: number
  readonly to: number
}

/**
 * The right to write the offset of one partition in a store beside Kafka, until somebody else claims
 * it. Each assignment has its own.
 */
export interface Claim extends TopicPartition {
  /** One more than that of the claim before it. */
  readonly epoch: number
  /** How many transactions the store had of the partition when it was claimed. */
  readonly version: number
  /** To be called when the store shows that somebody else has claimed it: the assignment is given up. */
  fenced(): void
  /** Leader epoch of the record before the offset, for the store to keep with it; -1: not known. */
  epochBefore(offset: number): number
}

export interface AssignedPartition extends TopicPartition {
  /** Where consuming starts: the committed offset. */
  readonly startOffset: number
  /** Leader epoch of the record before it, as committed; -1 or absent: not known. */
  readonly leaderEpoch?: number
  /** Metadata of the committed offset; see commit-metadata.ts. */
  readonly metadata: string
  /** Finished offsets above `startOffset`, ascending, from the metadata. */
  readonly finished: readonly OffsetRange[]
  /** What operators did to the offset, from the metadata. Absent: nothing. */
  readonly operator?: OperatorMove
  /** Absent: its offsets are kept in Kafka alone. */
  readonly claim?: Claim
}

export interface OffsetToCommit extends TopicPartition {
  /** The next offset to consume: the last finished one + 1. */
  readonly offset: number
  /** From the assignment. */
  readonly metadata: string
  /** Finished offsets above `offset`, ascending. Committed with the metadata, as many as fit. */
  readonly finished: readonly OffsetRange[]
  /** An operator sets the offset: replaces what the metadata says about that. */
  readonly operator?: OperatorMove
  /** Of the assignment. */
  readonly claim?: Claim | undefined
}

/** A range of deleted offsets. */
export interface LostRange extends TopicPartition, OffsetRange {}

/** Why one partition is not fetched, while others continue. */
export interface PartitionProblem {
  readonly reason:
    | 'no-leader'
    | 'unknown-topic'
    | 'not-authorized'
    | 'storage-error'
    | 'broker-unreachable'
    | 'corrupt'
    | 'offset'
    | 'other'
  /** Written for users, with the remedy. */
  readonly message: string
  /** Milliseconds since the epoch. */
  readonly since: number
  /** Only for `corrupt`. */
  readonly damage: Omit<BatchDamage, 'raw'> | null
}

/** One completed rebalance of the group, as this member saw it. */
export interface RebalanceReport {
  readonly protocol: string
  readonly generation: number
  /** Number of partitions added and removed. */
  readonly added: number
  readonly removed: number
  /** Milliseconds from learning of the rebalance until its end. */
  readonly duration: number
  /** Milliseconds for which the rebalance stopped partitions that stayed with this member. */
  readonly unmovedPause: number
}

/**
 * Receives a member's batches and events. Only added and removed partitions are mentioned, not
 * those that stay. `revoking` is awaited while the broker still accepts commits for its partitions;
 * after `lost` it does not.
 */
export interface MemberListener {
  /** The member owns these from now on. No batch of them was delivered before. */
  assigned(partitions: readonly AssignedPartition[]): void
  /** These are being revoked: finishes and commits everything in flight. */
  revoking(partitions: readonly TopicPartition[]): Promise<void>
  /** These are lost: nothing can be committed for them any more. */
  lost(partitions: readonly TopicPartition[]): void
  rebalanced(report: RebalanceReport): void
  batch(batch: RecordBatch): void
  /**
   * Consuming continues at `offset`, above or below the old position; nothing in between will come.
   * At the old position itself: what was finished from there on are other records now.
   * @param metadata only if the topic was recreated: replaces the assignment's metadata in commits
   *   from there on
   */
  moved(partition: TopicPartition, offset: number, metadata?: string): void
  /** How many bytes of the partition may be fetched now; 0: none. */
  room(partition: TopicPartition): number
  /** @param stableOffset the last stable offset, before any open transaction; null: not known */
  endOffset(partition: TopicPartition, endOffset: number, stableOffset: number | null): void
  /** null: there is no problem any more. */
  problem(partition: TopicPartition, problem: PartitionProblem | null): void
  /** Retention deleted these records before they were read. */
  recordsLost(range: LostRange): void
  /** The log ends at `from` now: records up to the position, `to`, were truncated. */
  recordsCut(range: LostRange): void
  /** A broker answered a fetch. */
  fetched(seconds: number): void
  /** A broker throttled us: nothing is fetched from it for this many milliseconds. */
  throttled(milliseconds: number): void
  /** The error code of one partition in an answer, or of one of its batches. */
  fetchFailed(partition: TopicPartition, code: string): void
  failed(error: OccError): void
}

export type MemberState = 'connecting' | 'waiting' | 'joining' | 'joined' | 'stopped'

export interface MemberView {
  readonly id: string
  readonly state: MemberState
  /** Of the current assignment; null until the first join. */
  readonly generation: number | null
  /** Why it is not a working member, written for users; null if it is. */
  readonly reason: string | null
  /** When the loop last made progress, in monotonic milliseconds. */
  readonly lastTurn: number
}

/** The operations of a member that fetches. */
export interface MemberControl {
  /** Stops fetching the partition until `resume`. */
  pause(partition: TopicPartition): void
  /** Also call it when `room` is no longer 0. */
  resume(partition: TopicPartition): void
  /**
   * Commits partitions that this member still owns; others are left out. Resolves when the broker
   * has the offsets. Rejects with OCC_COMMIT_FENCED if the membership is over, otherwise with a
   * retriable OCC_COMMIT_FAILED.
   */
  commit(offsets: readonly OffsetToCommit[]): Promise<void>
  /**
   * Commits the offset of one partition, and has it assigned again, from what the broker has then:
   * also if the commit failed. Nothing of it is fetched meanwhile. Rejects as `commit` does, and with
   * OCC_COMMIT_FENCED if the partition went to another member, which begins at one offset or the
   * other.
   */
  move(offset: OffsetToCommit): Promise<void>
  /** `batch.read` failed: the batch is fetched again, with everything after it. */
  unreadable(batch: RecordBatch, error: OccError): void
}

/** One member of the consumer group. */
export interface GroupMember extends MemberControl {
  readonly view: MemberView
  /** Resolves when stopped; rejects with a fatal error. */
  run(): Promise<void>
  /** Takes no more partitions: it will be stopped once those it has are finished. */
  retire(): void
  /** Leaves the group and disconnects. @param deadline milliseconds */
  stop(deadline: number): Promise<void>
}

/** Offsets of one partition: the log's, and what the group committed. */
export interface PartitionOffsets extends TopicPartition {
  /** First offset in the log. */
  readonly low: number
  /** The offset that the next record will get, before any open transaction. */
  readonly end: number
  /** null if the group has committed nothing. */
  readonly committed: number | null
  /**
   * Number of partitions of the topic when the group first committed an offset of this one; null:
   * not known.
   */
  readonly partitionsThen: number | null
}
