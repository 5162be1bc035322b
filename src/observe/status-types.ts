/** What one member of the group is doing with one partition it is assigned. */
export interface PartitionStatus {
  readonly topic: string
  readonly partition: number
  /** The `MemberStatus.id` that owns it. */
  readonly member: string
  /** High watermark: the offset the next produced record will get. null until first learnt. */
  readonly endOffset: number | null
  /** Where the first open transaction begins: nothing from there on can be read. null: not known. */
  readonly stableOffset: number | null
  /** First offset that is not committed. null when nothing was ever committed. */
  readonly committedOffset: number | null
  /** Next offset to be fetched and handed on. null until known. */
  readonly position: number | null
  /** Records not yet committed: end - committed. null while either is unknown. */
  readonly lag: number | null
  readonly queueRecords: number
  readonly queueBytes: number
  /** Records handed to a handler and not finished, and dead letters on their way. */
  readonly inFlight: number
  /** Records from the lowest unfinished one to the newest one taken: what a crash would repeat. */
  readonly windowRecords: number
  /** Size of the records that were taken from the queue and are not finished. */
  readonly windowBytes: number
  /** `Clock.monotonic()` of when the record was taken that is unfinished for longest. null: none. */
  readonly oldestTakenAt: number | null
  /** Records that wait for their next attempt. */
  readonly retrying: number
  /** Records that were set aside, because their handler has succeeded with none since they failed. */
  readonly suspects: number
  /** Records whose handler does not answer, long after its deadline. */
  readonly stuck: number
  /** Fetching is paused: it holds its share of the memory, or an operator paused it. */
  readonly paused: boolean
  /** Why no new record is handed over or fetched; null: nothing is in the way. */
  readonly pausedBy: PauseReason | null
  /** Why nothing of it can be fetched; null: it can be. */
  readonly problem: PartitionProblemStatus | null
  /** What an open transaction keeps from being read; null: nothing. */
  readonly blockedByTransaction: BlockedByTransaction | null
  /** All that may be read has been fetched: the position has reached the end offset since the assignment. */
  readonly caughtUp: boolean
  /** Timestamp of the oldest record not finished, milliseconds since the epoch. null: none known. */
  readonly oldestUnprocessedTime: number | null
  /** Milliseconds until retention may delete unread records; negative: it may at any time. */
  readonly retentionHeadroom?: number | null
}

/**
 * An operator; an open or paused circuit of a handler; nothing of the topic can be decoded; dead letters that their target does not take; a window or
 * a queue that is full; a batch that cannot be read; another reason that nothing can be fetched for.
 */
export type PauseReason =
  | 'operator'
  | 'circuit'
  | 'decode'
  | 'dead-letters'
  | 'window'
  | 'queue'
  | 'corrupt'
  | 'fetch'

export interface PartitionProblemStatus {
  /** `no-leader`, `not-authorized`, `corrupt`, and the like. */
  readonly reason: string
  /** For a person to read, with the remedy. */
  readonly message: string
  /** Milliseconds since the epoch. */
  readonly since: number
  /** The batch, where that is what is wrong. */
  readonly damage: {
    readonly error: { readonly code: string; readonly message: string }
    readonly codec: string
    readonly firstOffset: number
    readonly lastOffset: number
  } | null
}

export interface BlockedByTransaction {
  /** From where the transaction begins to the end of the partition. */
  readonly records: number
  /** Milliseconds since the epoch, when it was first seen. */
  readonly since: number
}

/** Whether a handler, or the decoding of a topic, works, as far as this process knows. */
export interface CircuitStatus {
  /** Its name; empty for failures that name no handler, and for a topic. */
  readonly handler: string
  /** Whose decoding it is; null: it is of a handler. */
  readonly topic: string | null
  /** `open`: it failed too often in a row; `held`: paused by an operator. */
  readonly state: 'closed' | 'open' | 'held'
  /** Milliseconds since the epoch; null while it is not open by itself. */
  readonly openedAt: number | null
  /** Times that it opened. */
  readonly openings: number
  /** Records that failed in a row. */
  readonly failuresInRow: number
  readonly suspects: number
  /** Why it is open, for a person to read; null: it is not, or an operator holds it. */
  readonly problem: string | null
}

/** What an operator has paused: a topic, or one partition of it. Handlers are in the circuits. */
export interface OperatorPause {
  readonly topic: string
  readonly partition?: number
}

/** Whether the service runs with what its file says. */
export interface ConfigStatus {
  /** False: the file has changed to something invalid, and counts for nothing. */
  readonly valid: boolean
  /** Keys that have changed in the file and wait for a restart. */
  readonly pendingRestart: readonly string[]
}

/** How much the process does at once. */
export interface LoadStatus {
  /** Pieces of work in hand: records or batches. */
  readonly inFlight: number
  readonly concurrency: number
  /** Of all partitions: fetched and waiting, and in flight. */
  readonly bufferedBytes: number
  /** What `bufferedBytes` is to stay below. */
  readonly maxBytes: number
}

export type MemberState = 'connecting' | 'joining' | 'joined' | 'waiting' | 'stopped'

/** One member of the consumer group; a process may run several. */
export interface MemberStatus {
  readonly id: string
  readonly state: MemberState
  /** Of the current assignment; null until the first join. */
  readonly generation: number | null
  readonly partitions: number
  /** Why the member is not ready, for a person to read; null when it is. */
  readonly reason: string | null
  /** `Clock.monotonic()` of the loop's last turn, milliseconds. */
  readonly lastTurn: number
  /** Brokers the member is connected to. */
  readonly nodeIds?: readonly number[]
}

export type ServiceState = 'starting' | 'running' | 'draining' | 'stopped'

export interface ServiceStatus {
  readonly state: ServiceState
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  readonly members: readonly MemberStatus[]
  /** Only what is assigned now: a partition that moved away is gone from here. */
  readonly partitions: readonly PartitionStatus[]
  readonly circuits: readonly CircuitStatus[]
  readonly load: LoadStatus
  readonly pauses: readonly OperatorPause[]
  readonly config: ConfigStatus
}

/** Read at each scrape and each probe: cheap, synchronous, never throws. */
export interface StatusSource {
  status(): ServiceStatus
}
