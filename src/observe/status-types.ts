import type { MemberState, MemberView } from '../broker/types.ts'
import type { OldestRecord } from '../kernel/shapes/oldest-record.ts'
import type { ParkedStatus } from '../kernel/shapes/parked.ts'
import type { Pause } from '../kernel/shapes/pause-target.ts'
import type { Replay } from '../kernel/shapes/replay.ts'

/** Of which consumer group of this process something is. */
export interface OfGroup {
  /** The group of a handler with `group: own`. Absent: the group of the service. */
  readonly group?: string
}

/** State of one partition that is assigned to a member of this process. */
export interface PartitionStatus extends OfGroup {
  readonly topic: string
  readonly partition: number
  /** The `MemberStatus.id` that owns it. */
  readonly member: string
  /** High watermark: the offset of the next produced record. null until known. */
  readonly endOffset: number | null
  /** When a broker last named it, milliseconds since the epoch. null until known. */
  readonly endKnownAt: number | null
  /** Start of the first open transaction: nothing from there on can be read. null: unknown. */
  readonly stableOffset: number | null
  /** First offset that is not committed. null if nothing was ever committed. */
  readonly committedOffset: number | null
  /** Next offset to fetch. null until known. */
  readonly position: number | null
  /** Records not yet committed: end - committed. null while either is unknown. */
  readonly lag: number | null
  readonly queueRecords: number
  readonly queueBytes: number
  /** Records handed to a handler and not finished, and dead letters that are being written. */
  readonly inFlight: number
  /**
   * Records from the oldest unfinished one to the newest one taken: handled again after a crash.
   */
  readonly windowRecords: number
  /** Size of the records that were taken from the queue and are not finished. */
  readonly windowBytes: number
  /** `Clock.monotonic()` when the longest unfinished record was taken. null: none. */
  readonly oldestTakenAt: number | null
  /** That record. null: none. */
  readonly oldest: OldestRecord | null
  /** Records that wait for their next attempt. */
  readonly retrying: number
  /**
   * Share of the last minute, 0 to 1, in which records waited behind one that waits for its next
   * attempt. Only with order `partition`.
   */
  readonly behindRetries: number
  /** Records that were set aside: their handler has not succeeded since they failed. */
  readonly suspects: number
  /** Records whose handler does not answer, long after its timeout. */
  readonly stuck: number
  /** Fetching is paused: the partition holds its share of the memory, or an operator paused it. */
  readonly paused: boolean
  /** Why no new record is handed over or fetched; null: nothing blocks it. */
  readonly pausedBy: PauseReason | null
  /** Why it cannot be fetched; null: it can. */
  readonly problem: PartitionProblemStatus | null
  /** Records that an open transaction blocks from being read; null: none. */
  readonly blockedByTransaction: BlockedByTransaction | null
  /** Since the assignment, the position has reached the end of the readable records. */
  readonly caughtUp: boolean
  /** Records that are handled once more, because an operator set the offset back; null: none. */
  readonly replay: Replay | null
  /**
   * Timestamp of the oldest unfinished record, or when it came if it is dated ahead; milliseconds since
   * the epoch. null: none known.
   */
  readonly oldestUnprocessedTime: number | null
  /** Milliseconds until retention may delete unread records; negative: at any time. */
  readonly retentionHeadroom?: number | null
}

/**
 * In order: an operator; `pauses`: it is not known yet what operators have paused; an open or paused circuit of a handler; no record of the topic can be
 * decoded; the schema of the next record, or the blocks before it, are not loaded; dead letters that their target does not accept; records that cannot be parked; a full in-flight window; a full queue; a
 * batch that cannot be read; another reason why nothing can be fetched.
 */
export type PauseReason =
  | 'operator'
  | 'pauses'
  | 'circuit'
  | 'decode'
  | 'schema'
  | 'dead-letters'
  | 'parked'
  | 'window'
  | 'queue'
  | 'corrupt'
  | 'fetch'

export interface PartitionProblemStatus {
  /** `no-leader`, `not-authorized`, `corrupt`, and the like. */
  readonly reason: string
  /** Readable text with the remedy. */
  readonly message: string
  /** Milliseconds since the epoch. */
  readonly since: number
  /** The batch, if that is the problem. */
  readonly damage: {
    readonly error: { readonly code: string; readonly message: string }
    readonly codec: string
    readonly firstOffset: number
    readonly lastOffset: number
  } | null
}

export interface BlockedByTransaction {
  /** From the start of the transaction to the end of the partition. */
  readonly records: number
  /** Milliseconds since the epoch, when it was first seen. */
  readonly since: number
}

/** Circuit of a handler, or of the decoding of a topic, in this process. */
export interface CircuitStatus extends OfGroup {
  /** Name of the handler; empty for failures without a handler, and for a topic. */
  readonly handler: string
  /** The topic, for its decoding; null: the circuit is that of a handler. */
  readonly topic: string | null
  /** `open`: it failed too often in a row; `held`: paused by an operator. */
  readonly state: 'closed' | 'open' | 'held'
  /** Milliseconds since the epoch; null while it is not open by itself. */
  readonly openedAt: number | null
  /** How often it opened. */
  readonly openings: number
  /** Number of records that failed in a row. */
  readonly failuresInRow: number
  readonly suspects: number
  /** Readable reason why it is open; null: it is not, or an operator holds it. */
  readonly problem: string | null
}

/** Whether the service runs with the current content of its file. */
export interface ConfigStatus {
  /** False: the changed file is invalid, and is ignored. */
  readonly valid: boolean
  /** Changed keys of the file that wait for a restart. */
  readonly pendingRestart: readonly string[]
}

/** Work in flight in one group of the process. */
export interface GroupLoad extends OfGroup {
  /** Pieces of work in flight: records or batches. */
  readonly inFlight: number
  readonly concurrency: number
}

/** Current load of the process, over all of its groups. */
export interface LoadStatus {
  /** Pieces of work in flight: records or batches. */
  readonly inFlight: number
  readonly concurrency: number
  /** Bytes queued or in flight, over all partitions. */
  readonly bufferedBytes: number
  /** Limit of `bufferedBytes`. */
  readonly maxBytes: number
  /** The work in flight of each group. Absent: there is only that of the service. */
  readonly groups?: readonly GroupLoad[]
}

export type { MemberState }

/** One member of a consumer group; a process may run several. */
export interface MemberStatus extends MemberView, OfGroup {
  readonly partitions: number
}

export type ServiceState = 'starting' | 'running' | 'draining' | 'stopped'

export interface ServiceStatus {
  readonly state: ServiceState
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  readonly members: readonly MemberStatus[]
  /** Only the partitions that are assigned now. */
  readonly partitions: readonly PartitionStatus[]
  readonly circuits: readonly CircuitStatus[]
  readonly load: LoadStatus
  /** What operators have paused, in all pods of the group. */
  readonly pauses: readonly Pause[]
  /**
   * Why it is not known what they have paused, written for users: nothing is consumed until it is.
   * Absent: it is known.
   */
  readonly unknownPauses?: string
  /** Milliseconds for which `pauses` could not be read, so that they may have changed. Absent: they can. */
  readonly pausesAge?: number
  /** Of each group that parks records, once it is known. Absent: none does. */
  readonly parked?: readonly ParkedStatus[]
  readonly config: ConfigStatus
}

/** Read at each scrape and probe: cheap, synchronous, never throws. */
export interface StatusSource {
  status(): ServiceStatus
}
