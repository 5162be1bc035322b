import type { OccError } from '../kernel/errors.ts'
import type { KafkaRecord, TopicPartition } from '../kernel/record.ts'

/** How to reach and prove oneself to the brokers. Secrets are read from files when needed. */
export interface BrokerOptions {
  readonly brokers: readonly string[]
  readonly clientId: string
  readonly security: SecurityOptions
  readonly connectionTimeout: number
  readonly requestTimeout: number
}

export interface SecurityOptions {
  readonly protocol: 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL'
  readonly sasl?:
    | {
        readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
        readonly username?: string | undefined
        readonly usernameFile?: string | undefined
        readonly passwordFile: string
      }
    | undefined
  readonly tls?: TlsOptions | undefined
}

export interface TlsOptions {
  readonly caFile?: string | undefined
  readonly certificateFile?: string | undefined
  readonly keyFile?: string | undefined
  readonly keyPassphraseFile?: string | undefined
  /** `full`: chain and host name. `ca`: chain only. There is no third: the chain is always verified. */
  readonly verify: 'full' | 'ca'
}

/** Assignment strategies, by the names that Java's and librdkafka's clients give them on the wire. */
export type AssignorName = 'cooperative-sticky' | 'sticky' | 'range' | 'roundrobin'

export interface MemberOptions {
  /** Names this member in logs and metrics: `consumer-0`. */
  readonly name: string
  readonly groupId: string
  /** Static membership: a restart within the session keeps the partitions. null: dynamic. */
  readonly groupInstanceId: string | null
  /** Offered to the group, in order of preference. */
  readonly assignors: readonly AssignorName[]
  readonly topics: readonly string[]
  /** Where a partition without a committed offset begins; `none` refuses to guess. */
  readonly autoOffsetReset: 'earliest' | 'latest' | 'none'
  readonly readUncommitted: boolean
  /** Whether the CRC-32C of each batch is checked. */
  readonly checkCrcs: boolean
  /** Most bytes of a batch once it is decompressed. */
  readonly maxBatchBytes: number
  /** What becomes of a batch that stays unreadable: its partition waits, or it becomes a letter. */
  readonly corruptBatches: 'hold' | 'keep'
  /** All times in milliseconds. */
  readonly sessionTimeout: number
  readonly heartbeatInterval: number
  readonly rebalanceTimeout: number
  readonly metadataMaxAge: number
  /** How long a broken connection is retried before the member gives up. */
  readonly restartWindow: number
  /** How often end offsets are asked for, for the lag. */
  readonly lagInterval: number
  readonly rackId: string
  readonly fetch: {
    readonly minBytes: number
    readonly maxBytes: number
    readonly maxBytesPerPartition: number
    readonly maxWait: number
  }
}

/**
 * A record batch of one partition as it was fetched: its bytes, taken apart only where its records
 * are used. Batches of a partition follow each other without a gap: `from` of one is `nextOffset`
 * of the one before. Holes inside of a batch (compaction, markers) are normal.
 */
export interface RecordBatch extends TopicPartition {
  /** The position that it was fetched at: its records below this are not wanted. */
  readonly from: number
  /** The offset after its last one, whether or not a record with that offset is left. */
  readonly nextOffset: number
  /** Records it holds, at most; 0 for what only moves the position (markers, aborted records). */
  readonly count: number
  /** Of the batch as it came: what it holds of the memory until `read`. */
  readonly bytes: number
  /** Of its first record, by its header; milliseconds since the epoch. What waits is as old as that. */
  readonly firstTimestamp: number
  /** High watermark: the offset that the next produced record will get. */
  readonly endOffset: number
  /** null; or why it cannot be read, where it is to become one dead letter as a whole. */
  readonly damage: BatchDamage | null
  /**
   * Its records from `from` on, in offset order; values are slices of a buffer that they share.
   * @throws OccError OCC_BATCH_CORRUPT, OCC_BATCH_CODEC, OCC_BATCH_TOO_LARGE
   */
  read(): readonly KafkaRecord[]
  /** Lets go of the fetched response that its bytes are a slice of. */
  detach(): void
  /** What another thread needs to `read` the same records; without it: only this one can. */
  readonly raw?: RawBatch
  /** Nobody reads it again: its memory need not wait for the garbage collector. */
  free?(): void
}

/** A batch that came whole. */
export interface RawBatch {
  /** As it came, header included. */
  readonly bytes: Buffer
  /** Most bytes of it once it is decompressed. */
  readonly maxBatchBytes: number
}

/** What is known of a batch that cannot be read. */
export interface BatchDamage {
  readonly error: OccError
  /** `none`, `gzip`, `snappy`, `lz4`, `zstd`, or a number that means nothing. */
  readonly codec: string
  readonly firstOffset: number
  readonly lastOffset: number
  /** The batch as it came, header included. */
  readonly raw: Buffer
}

/** The offsets of [from, to). */
export interface OffsetRange {
  readonly from: number
  readonly to: number
}

export interface AssignedPartition extends TopicPartition {
  /** Where consuming begins: the committed offset. */
  readonly startOffset: number
  /** Leader epoch of the record before it, as it was committed; -1 or absent: not known. */
  readonly leaderEpoch?: number
  /** What came with the committed offset; see commit-metadata.ts. */
  readonly metadata: string
  /** What is finished above `startOffset` already, ascending; it came with the metadata. */
  readonly finished: readonly OffsetRange[]
}

export interface OffsetToCommit extends TopicPartition {
  /** The next offset to consume: the last finished one + 1. */
  readonly offset: number
  /** As it was assigned. */
  readonly metadata: string
  /** What is finished above `offset`, ascending. Goes with the metadata, as much as fits. */
  readonly finished: readonly OffsetRange[]
}

/** These offsets are gone. */
export interface LostRange extends TopicPartition, OffsetRange {}

/** Why nothing is fetched of one partition, while others go on. */
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
  /** In a user's words, with the remedy. */
  readonly message: string
  /** Milliseconds since the epoch. */
  readonly since: number
  /** Of `corrupt`. */
  readonly damage: Omit<BatchDamage, 'raw'> | null
}

/** About one completed rebalance of the group, as this member saw it. */
export interface RebalanceReport {
  readonly protocol: string
  readonly generation: number
  /** Partitions that came, and that went. */
  readonly added: number
  readonly removed: number
  /** Milliseconds from learning of it until it was over. */
  readonly duration: number
  /** Milliseconds that the partitions which stayed were not fetched or handled for its sake. */
  readonly unmovedPause: number
}

/**
 * What a member tells whoever consumes. Partitions come and go one by one; those that stay are not
 * mentioned. `revoking` is awaited while the broker still accepts commits of its partitions. After
 * `lost` it does not.
 */
export interface MemberListener {
  /** From now on the member answers for these, too. No batch of them was told before. */
  assigned(partitions: readonly AssignedPartition[]): void
  /** They are taken away: finishes and commits what is in flight of them. */
  revoking(partitions: readonly TopicPartition[]): Promise<void>
  /** They are gone, and nothing of them can be committed any more. */
  lost(partitions: readonly TopicPartition[]): void
  rebalanced(report: RebalanceReport): void
  batch(batch: RecordBatch): void
  /**
   * Consuming goes on at `offset`, above or below where it was: nothing in between will come.
   * @param metadata what goes with the commits of what comes from there on, where the topic was made
   *   anew: instead of what was assigned.
   */
  moved(partition: TopicPartition, offset: number, metadata?: string): void
  /** How much of the partition may be fetched now, in bytes; 0: nothing. */
  room(partition: TopicPartition): number
  /** @param stableOffset the end of what is not part of an open transaction; null: not known. */
  endOffset(partition: TopicPartition, endOffset: number, stableOffset: number | null): void
  /** null: nothing is wrong with it any more. */
  problem(partition: TopicPartition, problem: PartitionProblem | null): void
  /** Retention deleted them before they were read. */
  recordsLost(range: LostRange): void
  /** The log ends at `from` now: what it had up to the position, `to`, was cut off. */
  recordsCut(range: LostRange): void
  /** An answer of a broker to a fetch. */
  fetched(seconds: number): void
  /** A broker asked for less: nothing is fetched from it for so long, in milliseconds. */
  throttled(milliseconds: number): void
  /** The error code of one partition in an answer, or of a batch of it. */
  fetchFailed(partition: TopicPartition, code: string): void
  failed(error: OccError): void
}

export type MemberState = 'connecting' | 'waiting' | 'joining' | 'joined' | 'stopped'

export interface MemberView {
  readonly id: string
  readonly state: MemberState
  readonly generation: number | null
  /** Why it is not a working member, in a user's words; null when it is. */
  readonly reason: string | null
  /** Monotonic milliseconds of the loop's last turn. */
  readonly lastTurn: number
}

/** What may be asked of the member that fetches. */
export interface MemberControl {
  /** Fetches nothing of the partition until `resume`. */
  pause(partition: TopicPartition): void
  /** Also wakes it where `room` was 0. */
  resume(partition: TopicPartition): void
  /**
   * Commits for partitions that this member still owns; others are left out. Resolves when the
   * broker has them. Rejects with OCC_COMMIT_FENCED when the membership is over, else with a
   * retriable OCC_COMMIT_FAILED.
   */
  commit(offsets: readonly OffsetToCommit[]): Promise<void>
  /** `batch.read` failed: it is fetched again, and so is all that came behind it. */
  unreadable(batch: RecordBatch, error: OccError): void
}

/** One member of the consumer group. */
export interface GroupMember extends MemberControl {
  readonly view: MemberView
  /** Resolves when stopped; rejects with the fatal error it cannot get over. */
  run(): Promise<void>
  /** Takes no more partitions: it is to be stopped once those that it has are finished. */
  retire(): void
  /** Leaves the group and disconnects, within the deadline in milliseconds. */
  stop(deadline: number): Promise<void>
}

/** What the brokers know of one partition and of what the group did with it. */
export interface PartitionOffsets extends TopicPartition {
  /** First offset that is kept. */
  readonly low: number
  /** The offset that the next record will get; without those of open transactions. */
  readonly end: number
  /** null where the group has committed nothing. */
  readonly committed: number | null
  /** Partitions that the topic had when the group first committed an offset of this one; null: not known. */
  readonly partitionsThen: number | null
}
