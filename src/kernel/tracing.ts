import type { OccError } from './errors.ts'
import type { Outcome } from './shapes/outcome.ts'
import type { KafkaRecord, TopicPartition } from './shapes/record.ts'

/** A trace as W3C Trace Context writes it into headers. */
export interface TraceHeaders {
  readonly traceparent: string
  readonly tracestate?: string
}

/** What goes with a value that is emitted. It can cross threads. */
export interface TraceContext {
  readonly headers: TraceHeaders
  /** They are of a span of this service; otherwise the record brought them. */
  readonly isTraced: boolean
}

/**
 * Header that a dead letter's record gets, and that a redrive sends with it: `traceparent` of the
 * attempt that failed.
 */
export const TRACE_HEADER = 'occ-trace'

/** The trace that a call of a handler belongs to. */
export interface CallTrace {
  /** Goes with what the call emits: of its span, or as its record brought it. */
  readonly context: TraceContext
  /** Runs it as part of the span, so that spans of the handler's own are below it. */
  run<Result>(work: () => Result): Result
  /** Runs it apart: what the service begins for a handler, such as a connection, outlives the call. */
  leave<Result>(work: () => Result): Result
}

/** A call of a handler that has ended. */
export interface EndedCall {
  readonly handler: { readonly name: string }
  /** The first of its records. */
  readonly record: TopicPartition & Pick<KafkaRecord, 'offset'>
  /** Of the last. */
  readonly lastOffset: number
  /** Number of its records. */
  readonly records: number
  readonly attempt: number
  /** Monotonic milliseconds. */
  readonly started: number
}

/** Makes the spans of the calls of a consumer group. Where no SDK is, nobody has one. */
export interface CallTracing {
  /** null: no span, and the record brought nothing to pass on. */
  begin(handler: string, record: KafkaRecord, attempt: number): CallTrace | null
  /** The same for a batch. */
  beginBatch(
    handler: string,
    messages: ReadonlyArray<{ readonly record: KafkaRecord }>,
    attempt: number,
  ): CallTrace | null
  /** Ends the span. If the call has none and failed, makes one, and notes it with the error. */
  end(trace: CallTrace | null, call: EndedCall, outcome: Outcome | readonly Outcome[]): void
  /** What the record brought; null: nothing. */
  contextOf(record: Pick<KafkaRecord, 'headers'>): TraceContext | null
}

const traced = new WeakMap<OccError, string>()

/** `traceparent` of the attempt that failed with the error; null: no span was made of it. */
export function traceOf(error: OccError): string | null {
  return traced.get(error) ?? null
}

/** Sets what `traceOf` returns. */
export function withTrace(error: OccError, traceparent: string | null): OccError {
  if (traceparent !== null) traced.set(error, traceparent)
  return error
}
