export type * from './group-types.ts'
export type * from './status-types.ts'

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
  /** Batches that could not be read and became a dead letter each, and the records they held. */
  corruptBatches: number
  corruptRecords: number
  /** Errors of partitions in answers to fetches, by code. */
  readonly fetchErrors: Map<string, number>
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
  /** From learning of a rebalance until it was over. */
  readonly rebalanceSeconds: FastHistogram
  /** Of the rebalances in which partitions came or went, the same. */
  readonly movedPauseSeconds: FastHistogram
  /** What a rebalance took from the partitions that stayed. */
  readonly unmovedPauseSeconds: FastHistogram
  /** Rebalances by the protocol of the assignment. */
  readonly rebalancesByProtocol: Map<string, number>
  fetches: number
  readonly fetchSeconds: FastHistogram
  /** Time that brokers asked not to be fetched from. */
  throttledSeconds: number
  /** Times a partition reached its end. */
  caughtUp: number
  /** Times a partition was paused. */
  pauses: number
  /** Times a member failed to join or to read its offsets, and tried again. */
  restarts: number
  readonly loggedLines: Record<LogLevel, number>
  /** Lines of the log that could not be written. */
  droppedLines: number
  /** Errors that nobody caught, and that are no handler's. */
  readonly strays: StrayCounts
}

/** Everything counted for one target of dead letters; the same rules as for `TopicMeter`. */
export interface DeadLetterMeter {
  /** Acknowledged. */
  kept: number
  /** Not acknowledged yet, between two attempts as well. */
  waiting: number
  /** Failed attempts, by error code. */
  readonly errors: Map<string, number>
  readonly keepSeconds: FastHistogram
}

/** Errors that nobody caught: of promises that nobody awaits, and thrown in callbacks. */
export type StrayCounts = Record<'rejection' | 'exception', number>

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
  /** Errors outside of the promise of any call. */
  readonly strays: StrayCounts
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
