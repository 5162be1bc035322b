import {
  createTraceState,
  isSpanContextValid,
  type SpanContext,
  TraceFlags,
} from 'opentelemetry-api'
import { headerValues, type KafkaRecord, type RecordHeader } from '../kernel/shapes/record.ts'
import { TRACE_HEADER, type TraceHeaders } from '../kernel/tracing.ts'

/** Version, trace id, span id, flags; versions to come may append to it. */
const TRACEPARENT = /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/
/** Characters of a header. What is longer was not written by a tracer, and is not passed on. */
const MAX_TRACEPARENT = 256
const MAX_TRACESTATE = 512

/** What HTTP allows in a header: with anything else a webhook could never be sent. */
const PRINTABLE = /^[\x20-\x7e]*$/

/** The trace that a record belongs to by its headers; null: none, or an invalid one. */
export function broughtBy({ headers }: Pick<KafkaRecord, 'headers'>): TraceHeaders | null {
  const header = headers?.['traceparent']
  if (header === undefined) return null
  const traceparent = lastText(header, MAX_TRACEPARENT)
  if (traceparent === null || spanContextOf({ traceparent }) === null) return null
  const tracestate = lastText(headers?.['tracestate'], MAX_TRACESTATE)
  return tracestate === null ? { traceparent } : { traceparent, tracestate }
}

/** The span of the attempt that made a redriven record a dead letter; null: there is none. */
export function redrivenOf({ headers }: Pick<KafkaRecord, 'headers'>): SpanContext | null {
  const traceparent = lastText(headers?.[TRACE_HEADER], MAX_TRACEPARENT)
  return traceparent === null ? null : spanContextOf({ traceparent })
}

/** null: it is invalid. */
export function spanContextOf({ traceparent, tracestate }: TraceHeaders): SpanContext | null {
  const [, version, traceId = '', spanId = '', flags = '', more] =
    TRACEPARENT.exec(traceparent) ?? []
  if (version === undefined || version === 'ff') return null
  if (version === '00' && more !== undefined) return null
  const traceFlags = Number.parseInt(flags, 16) & TraceFlags.SAMPLED
  const context = {
    traceId,
    spanId,
    traceFlags,
    isRemote: true,
    ...(tracestate !== undefined && { traceState: createTraceState(tracestate) }),
  }
  return isSpanContextValid(context) ? context : null
}

export function isSampled({ traceFlags }: SpanContext): boolean {
  return (traceFlags & TraceFlags.SAMPLED) !== 0
}

export function headersOf({ traceId, spanId, traceFlags, traceState }: SpanContext): TraceHeaders {
  const flags = (traceFlags & 0xff).toString(16).padStart(2, '0')
  const traceparent = `00-${traceId}-${spanId}-${flags}`
  const tracestate = traceState?.serialize() ?? ''
  return tracestate === '' ? { traceparent } : { traceparent, tracestate }
}

/** The last of several headers with the same name: the last sender wrote it. null: no tracer did. */
function lastText(header: RecordHeader | undefined, most: number): string | null {
  const last = header === undefined ? null : headerValues(header).at(-1)
  if (last === undefined || last === null || last.length > most) return null
  const text = last.toString()
  return PRINTABLE.test(text) ? text : null
}
