import type { BatchTimes } from '../flow/types.ts'
import type { EmittedRows } from '../handle/load/loaded-handler.ts'
import type { WrittenRecord } from '../handle/write/write-round.ts'
import type { DueRecord } from '../kernel/shapes/due-record.ts'
import type { HeldWrite } from '../kernel/shapes/held-write.ts'
import type { Replay } from '../kernel/shapes/replay.ts'
import type { TraceContext } from '../kernel/tracing.ts'
import type { MeterDelta } from './meter-delta.ts'
import type { WireError, WireOutcome } from './wire.ts'

/** Tells a worker to handle one slice of records of one partition. */
export interface SliceTask {
  readonly kind: 'slice'
  readonly id: number
  /** A partition during one assignment. */
  readonly lane: number
  readonly topic: string
  readonly partition: number
  readonly replay: Replay | null
  /** As of OpenedPartition. */
  readonly isBack: boolean
  /** Of the only record, if it was parked. */
  readonly parked: DueRecord | null
  /** The records in the form of packing.ts; transferred. */
  readonly packed: ArrayBuffer
  /** One byte per record as in slice-state.ts; shared, so that it survives the worker. */
  readonly states: SharedArrayBuffer
  readonly ordered: boolean
  /**
   * What is emitted for its records is written with their offsets: the worker asks for that. Offsets
   * are then finished one by one, so such records are never sent in whole batches.
   */
  readonly isWritten: boolean
}

/** Tells a worker to handle whole batches of one partition. */
export interface BatchesTask {
  readonly kind: 'batches'
  readonly id: number
  /** A partition during one assignment. */
  readonly lane: number
  readonly topic: string
  readonly partition: number
  readonly replay: Replay | null
  /** As of OpenedPartition. */
  readonly isBack: boolean
  /** Of the only record, if it was parked. */
  readonly parked: DueRecord | null
  /** The batches as received, one after the other; transferred. */
  readonly bytes: ArrayBuffer
  readonly batches: readonly PackedBatch[]
  /** One byte per record; per batch, the record count of its header. */
  readonly states: SharedArrayBuffer
  readonly ordered: boolean
}

export interface PackedBatch {
  /** Records below this offset are not wanted. */
  readonly from: number
  /** Bytes. */
  readonly length: number
  /** Record count in its header. */
  readonly count: number
  /** Maximum bytes of the decompressed batch. */
  readonly maxBatchBytes: number
}

export type Task = SliceTask | BatchesTask

export type ToWorker =
  | Task
  /** Begins no further record of this lane's whole batches, and answers with what is done. */
  | { readonly kind: 'halt'; readonly lane: number }
  /** Answers of this lane are ignored from now on. */
  | { readonly kind: 'close'; readonly lane: number }
  /** This record gets no further attempt. */
  | { readonly kind: 'settled'; readonly lane: number; readonly offset: number }
  | Answered
  /** Live settings have changed. */
  | { readonly kind: 'configure'; readonly data: unknown }
  | { readonly kind: 'stop' }

/** The answer to an `emit` or a `write`. */
export interface Answered {
  readonly kind: 'answered'
  readonly id: number
  readonly error: WireError | null
  /** What is held of an emitted value until its records are finished. */
  readonly rows: readonly EmittedRows[]
}

export type LineLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'

/** One line of the log; `fields` contains only what can cross threads. */
export interface ForwardedLine {
  readonly level: LineLevel
  readonly fields: { readonly event: string; readonly [field: string]: unknown }
  readonly text: string
}

/** The result of one whole batch. */
export interface BatchReport {
  /** Number of its records from its `from` on. */
  readonly records: number
  /** Bytes of the values before decoding. */
  readonly bytes: number
  readonly handled: number
  /** Once it was read. A record passed by unread is in neither figure. */
  readonly skipped: number
  /** Timestamp of its last record; null: it has none. */
  readonly lastTimestamp: number | null
  /** Why it cannot be read; null: it was read. */
  readonly error: WireError | null
}

export interface WorkerAnswer {
  readonly kind: 'answer'
  readonly id: number
  /** Why records could not be handed over or outcomes not reported; null: no error. */
  readonly error: WireError | null
  /** The whole batches that were begun; null: it was a slice. */
  readonly batches: readonly BatchReport[] | null
  /** For whole batches: every record of all batches is handled, or read and skipped. */
  readonly isDone: boolean
  /** For whole batches; the times of a slice are measured by the flow. */
  readonly times: BatchTimes | null
  /** By index, only for records whose state says that the outcome is in the answer. */
  readonly outcomes: ReadonlyArray<readonly [index: number, outcome: WireOutcome]>
  /** Lists of handlers for ok outcomes; the state says which list. */
  readonly handlers: ReadonlyArray<readonly string[]>
  /** Time that the worker spent on it, including waits. */
  readonly milliseconds: number
  readonly meters: MeterDelta | null
}

export interface EmitRequest {
  readonly kind: 'emit'
  readonly id: number
  readonly handler: string
  /** Idempotency key. */
  readonly idempotency: string
  readonly replay?: true
  readonly trace?: TraceContext
  /** A transaction finishes its records: rows for that come back. */
  readonly holds?: true
  readonly sink: string
  readonly key: string | null
  /** `json`: the value is JSON text. */
  readonly form: 'json' | 'text' | 'bytes'
  readonly value: string | Uint8Array
}

/** Asks for what handlers emitted to be written with the offsets of their records. */
export interface WriteRequest {
  readonly kind: 'write'
  readonly id: number
  /** A partition during one assignment. */
  readonly lane: number
  /** Of one slice. */
  readonly records: readonly WrittenRecord[]
  /** Only rows: a function stays in its thread. */
  readonly writes: readonly HeldWrite[]
}

export type FromWorker =
  | { readonly kind: 'ready' }
  /** It cannot begin: a handler failed to open. */
  | { readonly kind: 'unfit'; readonly error: WireError }
  | WorkerAnswer
  /** A long-running slice makes progress. */
  | { readonly kind: 'progress'; readonly id: number }
  | { readonly kind: 'line'; readonly line: ForwardedLine }
  | { readonly kind: 'meters'; readonly meters: MeterDelta }
  | EmitRequest
  | WriteRequest
  /** A handler joins a transaction where it cannot. */
  | { readonly kind: 'no-transaction'; readonly error: WireError }
  /** All handlers are closed. */
  | { readonly kind: 'stopped' }
