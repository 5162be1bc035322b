import type { MeterDelta } from './meter-delta.ts'
import type { WireError, WireOutcome } from './wire.ts'

/** What a worker is asked to do with one batch of records of one partition. */
export interface SliceTask {
  readonly kind: 'slice'
  readonly id: number
  /** The partition under one assignment. */
  readonly lane: number
  readonly topic: string
  readonly partition: number
  /** The records, as packing.ts has them; transferred. */
  readonly packed: ArrayBuffer
  /** One byte a record, as slice-state.ts has them; both threads see it, also when one dies. */
  readonly states: SharedArrayBuffer
  readonly ordered: boolean
}

/** What a worker is asked to do with whole batches of one partition. */
export interface BatchesTask {
  readonly kind: 'batches'
  readonly id: number
  /** The partition under one assignment. */
  readonly lane: number
  readonly topic: string
  readonly partition: number
  /** The batches as they came, one behind the other; transferred. */
  readonly bytes: ArrayBuffer
  readonly batches: readonly PackedBatch[]
  /** One byte a record, of each batch as many as its header counts. */
  readonly states: SharedArrayBuffer
  readonly ordered: boolean
}

export interface PackedBatch {
  /** Its records below this are not wanted. */
  readonly from: number
  /** Bytes. */
  readonly length: number
  /** Records, by its header. */
  readonly count: number
  /** Most bytes of it once it is decompressed. */
  readonly maxBatchBytes: number
}

export type Task = SliceTask | BatchesTask

export type ToWorker =
  | Task
  /** Begins no further record of the whole batches of this lane, and answers what is done. */
  | { readonly kind: 'halt'; readonly lane: number }
  /** No answer of this lane counts any more. */
  | { readonly kind: 'close'; readonly lane: number }
  /** No attempt at this record follows. */
  | { readonly kind: 'settled'; readonly lane: number; readonly offset: number }
  | { readonly kind: 'emitted'; readonly id: number; readonly error: WireError | null }
  /** What may change while it runs has changed. */
  | { readonly kind: 'configure'; readonly data: unknown }
  | { readonly kind: 'stop' }

export type LineLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal'

/** One line of the log; `fields` without what cannot cross threads. */
export interface ForwardedLine {
  readonly level: LineLevel
  readonly fields: { readonly event: string; readonly [field: string]: unknown }
  readonly text: string
}

/** What became of one whole batch. */
export interface BatchReport {
  /** What it holds from its `from` on. */
  readonly records: number
  /** Of their values, before any decoding. */
  readonly bytes: number
  readonly handled: number
  readonly skipped: number
  /** Of its last record; null: it holds none. */
  readonly lastTimestamp: number | null
  /** It cannot be read. */
  readonly error: WireError | null
}

/** Observations by bucket, the one beyond the last bound at the end; and their sum. */
export interface Observed {
  readonly counts: readonly number[]
  readonly sum: number
}

/** What a worker has measured of the records of whole batches; of slices the flow does. */
export interface BatchTimes {
  readonly handle: Observed
  readonly endToEnd: Observed
}

export interface WorkerAnswer {
  readonly kind: 'answer'
  readonly id: number
  /** Why its records could not be handed over, or their outcomes not told; null: they were. */
  readonly error: WireError | null
  /** Of whole batches, those that were begun; null: it was a slice. */
  readonly batches: readonly BatchReport[] | null
  /** Of whole batches: every record of all of them is handled, or left out by a rule. */
  readonly isDone: boolean
  readonly times: BatchTimes | null
  /** Only of records whose state says that the outcome is told in words, by index. */
  readonly outcomes: ReadonlyArray<readonly [index: number, outcome: WireOutcome]>
  /** Lists of handlers that an ok can name; the state says which. */
  readonly handlers: ReadonlyArray<readonly string[]>
  /** That the worker was at it, waiting included. */
  readonly milliseconds: number
  readonly meters: MeterDelta | null
}

export interface EmitRequest {
  readonly kind: 'emit'
  readonly id: number
  readonly handler: string
  /** Idempotency key. */
  readonly idempotency: string
  readonly sink: string
  readonly key: string | null
  /** JSON as text. */
  readonly form: 'json' | 'text' | 'bytes'
  readonly value: string | Uint8Array
}

export type FromWorker =
  | { readonly kind: 'ready' }
  /** It cannot begin: a handler does not open. */
  | { readonly kind: 'unfit'; readonly error: WireError }
  | WorkerAnswer
  /** A slice that takes long goes on. */
  | { readonly kind: 'progress'; readonly id: number }
  | { readonly kind: 'line'; readonly line: ForwardedLine }
  | { readonly kind: 'meters'; readonly meters: MeterDelta }
  | EmitRequest
  /** All handlers are closed. */
  | { readonly kind: 'stopped' }
