import { type Attributes, ROOT_CONTEXT, SpanKind, type Tracer, trace } from 'opentelemetry-api'
import type { SinkConfig } from '../config/types.ts'
import type { EmitSink } from '../sink/emit/types.ts'
import * as names from './attributes.ts'
import { fail } from './sdk.ts'
import { isSampled, spanContextOf, traceContextOf } from './trace-context.ts'

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
  tracer: Tracer,
): EmitSink {
  const { name, kind, attributes } = describe(sinkName, config)
  return {
    ...(sink.held !== undefined && { held: sink.held }),
    check: () => sink.check(),
    close: () => sink.close(),
    async write(item) {
      const outer = item.trace
      const parent = outer === undefined ? null : spanContextOf(outer)
      if (parent === null || !isSampled(parent)) return sink.write(item)
      const within = trace.setSpanContext(ROOT_CONTEXT, parent)
      const span = tracer.startSpan(name, { kind, attributes }, within)
      if (span.isRecording()) item.trace = traceContextOf(span.spanContext())
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
    case 'postgres':
    case 'webhook':
      return { name: `emit ${name}`, kind: SpanKind.CLIENT, attributes: own }
    case 'file':
    case 'log':
      return { name: `emit ${name}`, kind: SpanKind.INTERNAL, attributes: own }
  }
}
