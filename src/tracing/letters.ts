import { ROOT_CONTEXT, SpanKind, trace } from 'opentelemetry-api'
import type { DeadLetter } from '../kernel/shapes/dead-letter.ts'
import { headersFrom, type KafkaRecord } from '../kernel/shapes/record.ts'
import { TRACE_HEADER, traceOf } from '../kernel/tracing.ts'
import * as names from './attributes.ts'
import type { Sampler } from './sampler.ts'
import { fail, type SpanMaker } from './sdk.ts'
import { broughtBy, spanContextOf } from './trace-context.ts'

/** Keeps letters with the trace of the attempt that failed, each attempt to keep one in a span. */
export function createLetterTracing(group: string, tracer: SpanMaker, sampler: Sampler) {
  /** The same record for each attempt to keep its letter: stores tell by it what they have kept. */
  const marked = new WeakMap<KafkaRecord, KafkaRecord>()

  function mark(record: KafkaRecord, traceparent: string): KafkaRecord {
    const known = marked.get(record)
    if (known?.headers?.[TRACE_HEADER] === traceparent) return known
    const headers = headersFrom([
      ...Object.entries(record.headers ?? {}),
      [TRACE_HEADER, traceparent],
    ])
    const own = { ...record, headers }
    marked.set(record, own)
    return own
  }

  return async (letter: DeadLetter, keep: (letter: DeadLetter) => Promise<void>): Promise<void> => {
    const { record, error, attempts, handler } = letter
    const traceparent = traceOf(error)
    const failed = traceparent === null ? null : spanContextOf({ traceparent })
    const own = traceparent === null ? letter : { ...letter, record: mark(record, traceparent) }
    if (failed === null && !sampler.allows()) return keep(own)
    const brought = failed === null ? broughtBy(record) : null
    const linked = brought === null ? null : spanContextOf(brought)
    const span = tracer.startSpan(
      `dead letter ${record.topic}`,
      {
        kind: SpanKind.INTERNAL,
        links: linked === null ? [] : [{ context: linked }],
        attributes: {
          [names.SYSTEM]: 'kafka',
          [names.DESTINATION]: record.topic,
          [names.PARTITION]: String(record.partition),
          [names.OFFSET]: record.offset,
          [names.GROUP]: group,
          [names.ATTEMPT]: attempts,
          [names.REASON]: error.code,
          ...(handler !== null && { [names.HANDLER]: handler }),
        },
      },
      failed === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, failed),
    )
    try {
      await keep(own)
    } catch (problem) {
      fail(span, problem)
      throw problem
    } finally {
      span.end()
    }
  }
}
