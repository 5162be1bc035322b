/** What one member of the group is doing with one partition it is assigned. */
export interface PartitionStatus {
  readonly topic: string
  readonly partition: number
  /** The `MemberStatus.id` that owns it. */
  readonly member: string
  /** High watermark: the offset the next produced record will get. null until first learnt. */
  readonly endOffset: number | null
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
  /** Records that failed all their attempts while their handler succeeded with none. */
  readonly suspects: number
  /** Records whose handler does not answer, long after its deadline. */
  readonly stuck: number
  /** Fetching is paused because the queue is full or a sink backs off. */
  readonly paused: boolean
  /** Why no new record is handed over or fetched; null: nothing is in the way. */
  readonly pausedBy: PauseReason | null
  /** The position has reached the end offset since the assignment. */
  readonly caughtUp: boolean
  /** Timestamp of the oldest record not finished, milliseconds since the epoch. null: none known. */
  readonly oldestUnprocessedTime: number | null
  /** Milliseconds until retention may delete unread records; negative: it may at any time. */
  readonly retentionHeadroom?: number | null
}

/**
 * An operator; an open or paused circuit; dead letters that their target does not take; a window or
 * a queue that is full.
 */
export type PauseReason = 'operator' | 'circuit' | 'dead-letters' | 'window' | 'queue'

/** Whether a handler works, as far as this process knows. */
export interface CircuitStatus {
  /** Its name; empty for failures that name no handler. */
  readonly handler: string
  /** `open`: it failed too often in a row; `held`: paused by an operator. */
  readonly state: 'closed' | 'open' | 'held'
  /** Milliseconds since the epoch; null while it is not open by itself. */
  readonly openedAt: number | null
  /** Times that it opened. */
  readonly openings: number
  /** Records that failed in a row. */
  readonly failuresInRow: number
  readonly suspects: number
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
  readonly inHand: number
  readonly concurrency: number
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

/** The whole group, all pods together, as the brokers know it. */
export interface GroupProgress {
  /** When it was read, milliseconds since the epoch. */
  readonly at: number
  /** Partitions of all topics together: the most replicas that can have work. */
  readonly partitions: number
  readonly partitionsByTopic: Readonly<Record<string, number>>
  /** Records not yet committed, of all partitions. */
  readonly lag: number
  /** Records a second that the group committed, and that were produced; null until read twice. */
  readonly consumeRate: number | null
  readonly produceRate: number | null
  /** Members of all pods, and those of them without a partition; null while not known. */
  readonly members?: number | null
  readonly idleMembers?: number | null
  /** Milliseconds that the brokers keep records; only topics where it is limited and may be seen. */
  readonly retentionByTopic?: Readonly<Record<string, number>>
}

export type AdviceKind = 'add-partitions' | 'remove-replicas' | 'raise-concurrency'

/** What an operator should do about the size of the group, in a user's words. */
export interface Advice {
  readonly kind: AdviceKind
  readonly text: string
}

/** Read at each scrape: cheap, synchronous, never throws. */
export interface ScalingSource {
  /** null until the brokers have answered once. */
  progress(): GroupProgress | null
  advice(): readonly Advice[]
}

/** What `/scale`, `/lag` and the metrics say about the whole group. */
export type ScalingReport =
  | { readonly known: false; readonly reason: string; readonly advice: readonly Advice[] }
  | {
      readonly known: true
      /** When the brokers were asked, milliseconds since the epoch. */
      readonly at: number
      readonly ageSeconds: number
      readonly lag: number
      readonly partitions: number
      readonly members: number | null
      /** Pods, from the members: an estimate while pods come and go. */
      readonly replicas: number | null
      /** Records a second. */
      readonly consumeRate: number | null
      readonly produceRate: number | null
      /** Until the lag is gone at the present rates; null when it never is, or the rates are not known. */
      readonly secondsToDrain: number | null
      /** null where `scaling.lagPerPod` is 0. */
      readonly wantedReplicas: number | null
      readonly advice: readonly Advice[]
    }

export interface ScalingReportSource {
  report(): ScalingReport
}

/** A certificate in one of the PEM files, as it is on disk now. */
export interface CertificateStatus {
  /** `ca`: vouches for the brokers. `client`: shown to the brokers, or of its chain. */
  readonly name: 'ca' | 'client'
  readonly subject: string
  /** Milliseconds since the epoch. */
  readonly notAfter: number
}

/** Read at each scrape: cheap, synchronous, never throws. Empty without TLS. */
export interface CertificateSource {
  certificates(): readonly CertificateStatus[]
}

export interface HistogramSnapshot {
  readonly bounds: readonly number[]
  /** Observations at or below each bound, and as the last element all of them. */
  readonly cumulative: readonly number[]
  readonly sum: number
  readonly count: number
}

/** Fixed buckets; tens of nanoseconds an observation, no allocation. */
export interface FastHistogram {
  /** NaN and infinities are left out; a negative value (clocks that disagree) counts as 0. */
  observe(seconds: number): void
  /** Observations of another one with the same bounds: how many in each bucket, and their sum. */
  add(counts: readonly number[], sum: number): void
  snapshot(): HistogramSnapshot
}

/**
 * Everything counted for one topic: plain numbers that the hot path adds to (`meter.records += 1`)
 * and that are read only at scrape time. Keep the meter, rather than looking it up per record.
 */
export interface TopicMeter {
  /** Records taken over from the broker. */
  records: number
  /** Size of their values as they came, before any decoding. */
  bytes: number
  /** Size of their values once decompressed. */
  decodedBytes: number
  /** Records whose value was an LZ4 frame. */
  lz4Records: number
  /** Events found in the records. */
  events: number
  /** Entries that look like an event but have a field of a wrong type. */
  unreadableEvents: number
  /** Events that were seen before within the window. */
  duplicates: number
  /** Events that the global filter left out. */
  filteredEvents: number
  /** Records finished with outcome `ok`. */
  handled: number
  /** Records finished with outcome `skip`. */
  skipped: number
  /** Further attempts at records that had failed. */
  retries: number
  /** Records that were finished before this assignment, above the committed offset. */
  carriedOver: number
  /** Records the brokers deleted before they were read (retention). */
  recordsLost: number
  /** Records finished with outcome `failed`, by error code. */
  readonly failedRecords: Map<string, number>
  readonly decodeSeconds: FastHistogram
  readonly handleSeconds: FastHistogram
  /** From the record's timestamp until it is finished. */
  readonly endToEndSeconds: FastHistogram
}

export type CommitResult = 'ok' | 'failed' | 'fenced'
export type RebalanceKind = 'assigned' | 'revoked' | 'lost'
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'

/** Everything counted for the process; the same rules as for `TopicMeter`. */
export interface ProcessMeter {
  readonly commits: Record<CommitResult, number>
  readonly commitSeconds: FastHistogram
  readonly rebalances: Record<RebalanceKind, number>
  /** Partitions gained or given up in rebalances. */
  partitionsMoved: number
  /** From learning of a rebalance until records flow again. */
  readonly rebalanceSeconds: FastHistogram
  fetches: number
  readonly fetchSeconds: FastHistogram
  /** Times a partition reached its end. */
  caughtUp: number
  /** Times a partition was paused. */
  pauses: number
  /** Times a member was started anew after a crash. */
  restarts: number
  readonly loggedLines: Record<LogLevel, number>
}

/** Everything counted for one target of dead letters; the same rules as for `TopicMeter`. */
export interface DeadLetterMeter {
  /** Acknowledged. */
  kept: number
  /** Handed to the target and not acknowledged yet. */
  waiting: number
  /** Failed attempts, by error code. */
  readonly errors: Map<string, number>
  readonly keepSeconds: FastHistogram
}

/** Everything counted for one handler; the same rules as for `TopicMeter`. */
export interface HandlerMeter {
  /** Calls by what they came to; of a batch, each message. */
  readonly outcomes: Record<'ok' | 'skip' | 'retry' | 'dead', number>
  /** Of a call, batches included. */
  readonly callSeconds: FastHistogram
  /** Calls that took longer than the timeout. */
  timeouts: number
  /** Calls that go on although their time is over and they were told. */
  hanging: number
}

/** Worker threads; the same rules as for `TopicMeter`. */
export interface WorkerMeter {
  /** Threads that are there now. */
  workers: number
  /** Share of the time that they were busy, over the last second, 0 to 1. */
  utilization: number
  /** Batches that no worker has room for. */
  waiting: number
  /** Packed records that workers have not answered. */
  bytesInFlight: number
  /** Threads that ended and were replaced. */
  readonly replaced: Record<'died' | 'hung', number>
  /** Whether records go to workers, 0 or 1. */
  inWorkers: number
  /** Times that `processing.workers: auto` changed over. */
  moves: number
}

export interface Meters {
  /** The handler's meter, made at the first call. */
  handler(name: string): HandlerMeter
  readonly handlers: ReadonlyMap<string, HandlerMeter>
  /** The topic's meter, made at the first call; it lives as long as the process. */
  topic(name: string): TopicMeter
  readonly topics: ReadonlyMap<string, TopicMeter>
  /** The meter of a target of dead letters, made at the first call. */
  deadLetterTarget(name: string): DeadLetterMeter
  readonly deadLetters: ReadonlyMap<string, DeadLetterMeter>
  readonly process: ProcessMeter
  readonly workers: WorkerMeter
  /** Counts an error that some room met; `code` as from `codeOf`. Not for single records. */
  countError(room: string, code: string): void
  readonly errors: Iterable<{
    readonly room: string
    readonly code: string
    readonly count: number
  }>
}

/** What runs, for the `build_info` metric. */
export interface BuildInfo {
  /** Of onchain-consumer itself. */
  readonly version: string
  readonly kafkajs: string
}

/** What /metrics serves. */
export interface Metrics {
  readonly contentType: string
  /** Prometheus text exposition, format 0.0.4. */
  render(): Promise<string>
}
