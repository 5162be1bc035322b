import type { LogLevel } from '../kernel/log-events/chapter.ts'
import type { DeadLetter } from '../kernel/shapes/dead-letter.ts'
import type { alertCounters } from './metrics/alerts.ts'
import type { CountsOf } from './metrics/counters.ts'
import type { deadLetterCounters } from './metrics/dead-letters.ts'
import type { handlerCounters } from './metrics/handlers.ts'
import type { processCounters } from './metrics/service.ts'
import type { sinkCounters } from './metrics/sinks.ts'
import type { topicCounters } from './metrics/topics.ts'
import type { workerCounters } from './metrics/workers.ts'

export type * from '../group/types.ts'
export type * from './status-types.ts'

export interface HistogramSnapshot {
  readonly bounds: readonly number[]
  /** Observations at or below each bound; the last element counts all. */
  readonly cumulative: readonly number[]
  readonly sum: number
  readonly count: number
}

/** Observations per bucket, those beyond the last bound at the end; and their sum. */
export interface Observed {
  readonly counts: readonly number[]
  readonly sum: number
}

/** Fixed buckets; an observation takes tens of nanoseconds and allocates nothing. */
export interface FastHistogram {
  /** Ignores NaN and infinities; a negative value (clock skew) is 0. */
  observe(seconds: number): void
  /** Adds observations of a histogram with the same bounds. */
  add(observed: Observed): void
  snapshot(): HistogramSnapshot
  /** All of it, to be added to another one. */
  observed(): Observed
  /** A function that returns what was observed since its last call; null: nothing. */
  reader(): () => Observed | null
  /** One with the same bounds, in which nothing is observed yet. */
  empty(): FastHistogram
}

/** Counts by a text, such as a reason or a code; their number is bounded. */
export interface CountsByText extends ReadonlyMap<string, number> {
  count(text: string): void
}

/**
 * Everything counted for one topic: plain numbers that the hot path increments (`meter.records +=
 * 1`) and that are read only at a scrape. Keep the meter instead of looking it up per record.
 */
export interface TopicMeter extends CountsOf<typeof topicCounters> {
  /** Records by the encoding of their values. */
  readonly encodings: Record<string, number>
  /** Errors of partitions in fetch answers, by code. */
  readonly fetchErrors: CountsByText
  /** Records that were skipped, by reason. */
  readonly skips: CountsByText
  /** Records that became dead letters, by error code. */
  readonly failedRecords: CountsByText
  /** Attempts at parked records, by what became of them. */
  readonly parkedAttempts: Record<ParkedResult, number>
  readonly decodeSeconds: FastHistogram
  readonly handleSeconds: FastHistogram
  /** From the record's timestamp until it is finished. */
  readonly endToEndSeconds: FastHistogram
}

export type ParkedResult = 'ok' | 'skip' | 'again' | 'dead' | 'lost'
export type CommitResult = 'ok' | 'failed' | 'fenced'
/** `doubt`: the answer to the commit was lost. */
export type TransactionResult = 'ok' | 'refused' | 'failed' | 'fenced' | 'doubt'
export type RebalanceKind = 'assigned' | 'revoked' | 'lost'

/** Everything counted for the process; the same rules as for `TopicMeter`. */
export interface ProcessMeter extends CountsOf<typeof processCounters> {
  readonly commits: Record<CommitResult, number>
  readonly commitSeconds: FastHistogram
  /** Of the offsets' store. */
  readonly transactions: Record<TransactionResult, number>
  readonly recordings: Record<'ok' | 'failed', number>
  readonly transactionSeconds: FastHistogram
  readonly rebalances: Record<RebalanceKind, number>
  /** From noticing a rebalance to its end. */
  readonly rebalanceSeconds: FastHistogram
  /** The same, for the rebalances in which partitions came or went. */
  readonly movedPauseSeconds: FastHistogram
  /** Time that a rebalance stopped the partitions that stayed. */
  readonly unmovedPauseSeconds: FastHistogram
  /** Rebalances by the protocol of the assignment. */
  readonly rebalancesByProtocol: Map<string, number>
  readonly fetchSeconds: FastHistogram
  readonly loggedLines: Record<LogLevel, number>
  /** Uncaught errors that no handler caused. */
  readonly strays: StrayCounts
}

/** Everything counted for one dead-letter target; the same rules as for `TopicMeter`. */
export interface DeadLetterMeter extends CountsOf<typeof deadLetterCounters> {
  /** Failed attempts, by error code. */
  readonly errors: CountsByText
  readonly keepSeconds: FastHistogram
  readonly kinds: LetterKinds
}

/** Counts letters that were kept, by handler and error; their number is bounded. */
export interface LetterKinds {
  count(letter: DeadLetter): void
  /** The newest first. */
  kinds(): readonly LetterKind[]
}

/** Dead letters of one handler with one error. Times are ISO 8601 in UTC. */
export interface LetterKind {
  /** null: the record did not reach a handler. */
  readonly handler: string | null
  readonly code: string
  readonly count: number
  readonly first: string
  readonly last: string
  /** The last of them: `topic/partition/offset`. */
  readonly sample: string
}

/** Everything counted for one sink; the same rules as for `TopicMeter`. */
export interface SinkMeter extends CountsOf<typeof sinkCounters> {
  /** Values that were not taken, by error code. */
  readonly errors: CountsByText
  readonly writeSeconds: FastHistogram
}

/** Everything counted for one database, by the section that names it; the same rules as for `TopicMeter`. */
export interface DatabaseMeter {
  /** Transactions that were run again, by SQLSTATE: deadlocks, serialization failures. */
  readonly retries: Record<'40P01' | '40001', number>
}

/** Everything counted for one rule of `alerts`; the same rules as for `TopicMeter`. */
export interface AlertMeter extends CountsOf<typeof alertCounters> {}

/** Uncaught errors: of promises that nobody awaits, and thrown in callbacks. */
export type StrayCounts = Record<'rejection' | 'exception', number>

/** Everything counted for one handler; the same rules as for `TopicMeter`. */
export interface HandlerMeter extends CountsOf<typeof handlerCounters> {
  /** Calls by outcome, for a batch each message; `dead`: letters that were kept for it. */
  readonly outcomes: Record<'ok' | 'skip' | 'retry' | 'later' | 'dead', number>
  /** Messages that it skipped, or that it was not called with, by reason. */
  readonly skips: CountsByText
  /** Duration of a call, batches included. */
  readonly callSeconds: FastHistogram
  /** Errors outside the promise of any call. */
  readonly strays: StrayCounts
}

/** Worker threads; the same rules as for `TopicMeter`. */
export interface WorkerMeter extends CountsOf<typeof workerCounters> {
  /** Threads that ended and were replaced. */
  readonly replaced: Record<'died' | 'hung', number>
}

export interface Meters {
  /** The meter of the handler, created at the first call. */
  handler(name: string): HandlerMeter
  readonly handlers: ReadonlyMap<string, HandlerMeter>
  /** The meter of the topic, created at the first call; it lives as long as the process. */
  topic(name: string): TopicMeter
  readonly topics: ReadonlyMap<string, TopicMeter>
  /** The same meters, except that topics are counted apart: for a group of one handler. */
  ofGroup(group: string): Meters
  /** The topics of each such group, by its name. */
  readonly groups: ReadonlyMap<string, ReadonlyMap<string, TopicMeter>>
  /** The meter of the dead-letter target, created at the first call. */
  deadLetterTarget(name: string): DeadLetterMeter
  readonly deadLetters: ReadonlyMap<string, DeadLetterMeter>
  /** The meter of the sink, created at the first call. */
  sink(name: string): SinkMeter
  readonly sinks: ReadonlyMap<string, SinkMeter>
  /** The meter of a database, created at the first call. @param section of the configuration */
  database(section: string): DatabaseMeter
  readonly databases: ReadonlyMap<string, DatabaseMeter>
  /** The meter of the rule, created at the first call. */
  alert(name: string): AlertMeter
  readonly alerts: ReadonlyMap<string, AlertMeter>
  readonly process: ProcessMeter
  readonly workers: WorkerMeter
  /** Counts an error of a room; `code` as from `codeOf`. Not for single records. */
  countError(room: string, code: string): void
  /** Their counts, by room. */
  readonly errors: ReadonlyMap<string, CountsByText>
}

/** A certificate in one of the PEM files on disk. */
export interface CertificateStatus {
  /** `ca`: verifies the brokers. `client`: shown to the brokers, or part of its chain. */
  readonly name: 'ca' | 'client'
  readonly subject: string
  /** Milliseconds since the epoch. */
  readonly notAfter: number
}

/** Read at each scrape: cheap, synchronous, never throws. Empty without TLS. */
export interface CertificateSource {
  certificates(): readonly CertificateStatus[]
}

/** Versions for the `build_info` metric. */
export interface BuildInfo {
  /** Version of onchain-consumer. */
  readonly version: string
  readonly kafkajs: string
}

/** The content of /metrics. */
export interface Metrics {
  readonly contentType: string
  /** Prometheus text exposition, format 0.0.4. */
  render(): Promise<string>
}
