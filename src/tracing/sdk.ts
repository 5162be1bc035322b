import {
  context,
  INVALID_SPAN_CONTEXT,
  ProxyTracerProvider,
  ROOT_CONTEXT,
  type Span,
  SpanStatusCode,
  type Tracer,
  trace,
} from 'opentelemetry-api'
import { codeOf, messageOf } from '../kernel/errors.ts'
import { withDeadline } from '../kernel/lifecycle.ts'
import { ERROR_TYPE } from './attributes.ts'

/** What spans are begun with. */
export type SpanMaker = Pick<Tracer, 'startSpan'>

/** What was registered in this thread before the service began. */
export type FoundSdk =
  | { readonly kind: 'none' }
  /** Its API is older than ours, which therefore ignores it. */
  | { readonly kind: 'too-old'; readonly version: string }
  | { readonly kind: 'found'; readonly tracer: Tracer; flush(): Promise<void> }

/** Where every copy of the API in a process finds what one of them registered. */
const GLOBAL = Symbol.for('opentelemetry.js.api.1')
/** Milliseconds for the last spans to leave, when the process ends. */
const FLUSH_DEADLINE = 2_000
/** Characters of an error's message. */
const MAX_MESSAGE = 1_000

export function findSdk(): FoundSdk {
  const provider: unknown = trace.getTracerProvider()
  const delegate = delegateOf(provider)
  if (delegate === delegateOf(new ProxyTracerProvider())) {
    const registered: unknown = Reflect.get(globalThis, GLOBAL)
    const isThere = isRecord(registered) && registered['trace'] !== undefined
    return isThere ? { kind: 'too-old', version: String(registered['version']) } : { kind: 'none' }
  }
  return {
    kind: 'found',
    tracer: trace.getTracer('onchain-consumer'),
    async flush() {
      if (!isRecord(delegate) || typeof delegate['forceFlush'] !== 'function') return
      await withDeadline(delegate['forceFlush'](), FLUSH_DEADLINE, 'The last spans')
    },
  }
}

/**
 * The same tracer; what the SDK throws, such as a processor of spans or a sampler of the user, is told
 * and has no further effect: it must not fail a record that was handled, or stop commits.
 */
export function guarded(tracer: Tracer, failed: (error: unknown) => void): SpanMaker {
  return {
    startSpan(...given) {
      try {
        const span = tracer.startSpan(...given)
        const end = span.end.bind(span)
        span.end = (time) => {
          try {
            end(time)
          } catch (error) {
            failed(error)
          }
        }
        return span
      } catch (error) {
        failed(error)
        return trace.wrapSpanContext(INVALID_SPAN_CONTEXT)
      }
    },
  }
}

/** What a provider stands for; of one that stands for itself, itself. */
function delegateOf(provider: unknown): unknown {
  if (!isRecord(provider) || typeof provider['getDelegate'] !== 'function') return provider
  return provider['getDelegate']()
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

/** Runs it as part of the span. */
export function within<Result>(span: Span, work: () => Result): Result {
  return context.with(trace.setSpan(ROOT_CONTEXT, span), work)
}

/** Runs it as part of no span. */
export function apart<Result>(work: () => Result): Result {
  return context.with(ROOT_CONTEXT, work)
}

/** Sets what the conventions ask for of a span that failed. */
export function fail(span: Span, error: unknown): void {
  span.setAttribute(ERROR_TYPE, codeOf(error))
  span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error).slice(0, MAX_MESSAGE) })
}
