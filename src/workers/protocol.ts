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

export type ToWorker =
  | SliceTask
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

export interface SliceAnswer {
  readonly kind: 'answer'
  readonly id: number
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
  | SliceAnswer
  /** A slice that takes long goes on. */
  | { readonly kind: 'progress'; readonly id: number }
  | { readonly kind: 'line'; readonly line: ForwardedLine }
  | { readonly kind: 'meters'; readonly meters: MeterDelta }
  | EmitRequest
  /** All handlers are closed. */
  | { readonly kind: 'stopped' }
