import { type Attributes, ROOT_CONTEXT, SpanKind, trace } from 'opentelemetry-api'
import type { SinkConfig } from '../config/types.ts'
import { forgetOldest } from '../kernel/forget-oldest.ts'
import type { EmitSink } from '../sink/emit/types.ts'
import * as names from './attributes.ts'
import { fail, type SpanMaker } from './sdk.ts'
import { headersOf, spanContextOf } from './trace-context.ts'

/** Spans of one call: a batch may emit thousands of values. */
const MAX_SPANS = 128
/** Calls that are counted at once. */
const MAX_CALLS = 1_000

/** What a span says of a sink. */
interface About {
  readonly name: string
  readonly kind: SpanKind
  readonly attributes: Attributes
}

/**
 * A span for each value that a traced call emits, until the sink has acknowledged it. One request or
 * statement may carry the values of many calls, so it has no span of its own.
 */
export function tracedSink(
  sinkName: string,
  config: SinkConfig,
  sink: EmitSink,
  tracer: SpanMaker,
): EmitSink {
  const { name, kind, attributes } = describe(sinkName, config)
  /** Spans by `traceparent` of the call; the newest. */
  const spans = new Map<string, number>()

  function isOneTooMany(traceparent: string): boolean {
    const count = (spans.get(traceparent) ?? 0) + 1
    spans.set(traceparent, count)
    forgetOldest(spans, MAX_CALLS)
    return count > MAX_SPANS
  }

  return {
    ...(sink.held !== undefined && { held: sink.held }),
    check: () => sink.check(),
    close: () => sink.close(),
    async write(item) {
      const outer = item.trace
      const parent = outer?.isTraced === true ? spanContextOf(outer.headers) : null
      if (outer === undefined || parent === null || isOneTooMany(outer.headers.traceparent)) {
        return sink.write(item)
      }
      const within = trace.setSpanContext(ROOT_CONTEXT, parent)
      const span = tracer.startSpan(name, { kind, attributes }, within)
      if (span.isRecording())
        item.trace = { headers: headersOf(span.spanContext()), isTraced: true }
      try {
        await sink.write(item)
      } catch (error) {
        fail(span, error)
        throw error
      } finally {
        // A second sink may take what this one refuses.
        item.trace = outer
        span.end()
      }
    },
  }
}

function describe(name: string, config: SinkConfig): About {
  const { type } = config
  const own = { [names.SINK]: name, [names.SINK_TYPE]: type }
  switch (type) {
    case 'kafka': {
      const { topic } = config
      const attributes = {
        [names.SYSTEM]: 'kafka',
        [names.OPERATION_NAME]: 'send',
        [names.OPERATION_TYPE]: 'send',
        [names.DESTINATION]: topic,
        ...own,
      }
      return { name: `send ${topic}`, kind: SpanKind.PRODUCER, attributes }
    }
    case 'file':
    case 'log':
      return { name: `emit ${name}`, kind: SpanKind.INTERNAL, attributes: own }
    default:
      return { name: `emit ${name}`, kind: SpanKind.CLIENT, attributes: own }
  }
}
