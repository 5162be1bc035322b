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

export interface MemberOptions {
  /** Names this member in logs and metrics: `consumer-0`. */
  readonly name: string
  readonly groupId: string
  readonly topics: readonly string[]
  /** Where a partition without a committed offset begins; `none` refuses to guess. */
  readonly autoOffsetReset: 'earliest' | 'latest' | 'none'
  readonly readUncommitted: boolean
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

/** What one fetch brought for one partition, in offset order. */
export interface RecordBatch extends TopicPartition {
  readonly records: readonly KafkaRecord[]
  /** The offset after the last one of the batch, filtered control records included. */
  readonly nextOffset: number
  /** High watermark: the offset that the next produced record will get. */
  readonly endOffset: number
}

/** The offsets of [from, to). */
export interface OffsetRange {
  readonly from: number
  readonly to: number
}

export interface AssignedPartition extends TopicPartition {
  /** Where consuming begins: the committed offset. */
  readonly startOffset: number
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

/** Of one generation: it cannot commit for any other, the broker refuses it. */
export interface Assignment {
  readonly memberId: string
  readonly generation: number
  readonly partitions: readonly AssignedPartition[]
  /** Rejects with OCC_COMMIT_FENCED when the generation is over, else with a retriable error. */
  commit(offsets: readonly OffsetToCommit[]): Promise<void>
}

/** These offsets are gone: retention deleted them before they were read. */
export interface LostRange extends TopicPartition, OffsetRange {}

/**
 * What a member tells whoever consumes. `revoking` is awaited before the group is joined again,
 * while the broker still accepts commits of the old generation. After `lost` it does not.
 */
export interface MemberListener {
  assigned(assignment: Assignment): void
  revoking(assignment: Assignment): Promise<void>
  lost(assignment: Assignment): void
  batch(batch: RecordBatch): void
  /** Nothing below this offset will come any more: control records, or a lost range. */
  skipped(partition: TopicPartition, nextOffset: number): void
  endOffset(partition: TopicPartition, endOffset: number): void
  recordsLost(range: LostRange): void
  fetched(seconds: number): void
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

/** One member of the consumer group, restarted by itself after crashes. */
export interface GroupMember {
  readonly view: MemberView
  /** Resolves when stopped; rejects with the fatal error it cannot get over. */
  run(): Promise<void>
  pause(partition: TopicPartition): void
  resume(partition: TopicPartition): void
  /** Leaves the group and disconnects, within the deadline in milliseconds. */
  stop(deadline: number): Promise<void>
}
