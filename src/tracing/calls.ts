import {
  type Attributes,
  type Link,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  trace,
} from 'opentelemetry-api'
import type { Outcome } from '../kernel/shapes/outcome.ts'
import type { KafkaRecord, TopicPartition } from '../kernel/shapes/record.ts'
import {
  type CallTrace,
  type CallTracing,
  type EndedCall,
  type TraceContext,
  type TraceHeaders,
  withTrace,
} from '../kernel/tracing.ts'
import * as names from './attributes.ts'
import type { Sampler } from './sampler.ts'
import { apart, fail, type SpanMaker, within } from './sdk.ts'
import { broughtBy, headersOf, isSampled, redrivenOf, spanContextOf } from './trace-context.ts'

export interface CallOptions {
  readonly group: string
  /** Records of a sampled trace are part of it; otherwise they are only linked to it. */
  readonly follows: boolean
}

/** A call has ended whose span will be part of a commit. */
export type OnCall = (call: EndedCall, span: SpanContext) => void

/** A span of its own. */
class SpanTrace implements CallTrace {
  readonly span: Span
  #context: TraceContext | null = null

  constructor(span: Span) {
    this.span = span
  }

  get context(): TraceContext {
    this.#context ??= { headers: headersOf(this.span.spanContext()), isTraced: true }
    return this.#context
  }

  run<Result>(work: () => Result): Result {
    return within(this.span, work)
  }

  leave<Result>(work: () => Result): Result {
    return apart(work)
  }
}

/** No span: what the record brought is passed on. */
class Passed implements CallTrace {
  readonly context: TraceContext

  constructor(headers: TraceHeaders) {
    this.context = { headers, isTraced: false }
  }

  run<Result>(work: () => Result): Result {
    return work()
  }

  leave<Result>(work: () => Result): Result {
    return work()
  }
}

/** Spans `process <topic>`, one for each call of a handler that is sampled or fails. */
export function createCallTracing(
  { group, follows }: CallOptions,
  tracer: SpanMaker,
  sampler: Sampler,
  onCall: OnCall,
): CallTracing {
  function attributesOf(
    handler: string,
    { topic, partition, offset }: TopicPartition & Pick<KafkaRecord, 'offset'>,
    attempt: number,
    records: number,
  ): Attributes {
    return {
      [names.SYSTEM]: 'kafka',
      [names.OPERATION_NAME]: 'process',
      [names.OPERATION_TYPE]: 'process',
      [names.DESTINATION]: topic,
      [names.PARTITION]: String(partition),
      [names.OFFSET]: offset,
      [names.GROUP]: group,
      [names.HANDLER]: handler,
      [names.ATTEMPT]: attempt,
      ...(records > 1 && { [names.BATCH_SIZE]: records }),
    }
  }

  /** @param parent null: the span begins a trace. */
  function open(
    topic: string,
    attributes: Attributes,
    parent: SpanContext | null,
    links: Link[],
    startTime?: number,
  ): Span {
    const within = parent === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent)
    const options = {
      kind: SpanKind.CONSUMER,
      attributes,
      links,
      ...(startTime !== undefined && { startTime }),
    }
    return tracer.startSpan(`process ${topic}`, options, within)
  }

  function traced(span: Span, brought: TraceHeaders | null): CallTrace | null {
    // The SDK's own sampler may refuse it.
    if (span.isRecording()) return new SpanTrace(span)
    return brought === null ? null : new Passed(brought)
  }

  function begin(handler: string, record: KafkaRecord, attempt: number): CallTrace | null {
    const { headers } = record
    // Nearly no record has any.
    const brought = headers === undefined ? null : broughtBy(record)
    const redriven = headers === undefined ? null : redrivenOf(record)
    const parent = brought === null ? null : spanContextOf(brought)
    const isFollowed = follows && parent !== null
    const isPart = isFollowed && isSampled(parent)
    const isWanted = redriven !== null || isPart
    const isPicked = isWanted ? sampler.allows() : !isFollowed && sampler.picks()
    if (!isPicked) return brought === null ? null : new Passed(brought)
    const links = [isPart ? null : parent, redriven].flatMap(linkTo)
    const attributes = attributesOf(handler, record, attempt, 1)
    return traced(open(record.topic, attributes, isPart ? parent : null, links), brought)
  }

  return {
    begin,
    contextOf(record) {
      const headers = broughtBy(record)
      return headers === null ? null : { headers, isTraced: false }
    },
    beginBatch(handler, messages, attempt) {
      const [first] = messages
      if (first === undefined) return null
      if (messages.length === 1) return begin(handler, first.record, attempt)
      const links = linksOfAll(messages)
      const isWanted = follows && links.some(({ context }) => isSampled(context))
      if (!(isWanted ? sampler.allows() : sampler.picks())) return null
      const attributes = attributesOf(handler, first.record, attempt, messages.length)
      return traced(open(first.record.topic, attributes, null, links), null)
    },
    end(callTrace, call, outcome) {
      const failed = failedOf(outcome)
      const isTraced = callTrace instanceof SpanTrace
      if (!isTraced && (failed.length === 0 || !sampler.allows())) return
      const span = isTraced ? callTrace.span : missed(callTrace, call)
      const [first] = failed
      span.setAttribute(names.OUTCOME, first?.kind ?? kindOf(outcome))
      if ('kind' in outcome && outcome.kind === 'skip') {
        span.setAttribute(names.REASON, outcome.reason)
      }
      if (first !== undefined) fail(span, first.error)
      const isThere = span.isRecording()
      span.end()
      // What the SDK's own sampler refuses, nobody would find.
      if (!isThere) return
      const context = span.spanContext()
      const { traceparent } = headersOf(context)
      for (const { error } of failed) withTrace(error, traceparent)
      onCall(call, context)
    },
  }

  /** The span of a call that was not sampled. It begins a trace: a parent might not be sampled. */
  function missed(passed: CallTrace | null, call: EndedCall): Span {
    const { handler, record, records, attempt, started } = call
    const links = linkTo(passed === null ? null : spanContextOf(passed.context.headers))
    const startTime = Date.now() - (performance.now() - started)
    const attributes = attributesOf(handler.name, record, attempt, records)
    return open(record.topic, attributes, null, links, startTime)
  }
}

function linkTo(context: SpanContext | null): Link[] {
  return context === null ? [] : [{ context }]
}

function linksOfAll(messages: ReadonlyArray<{ readonly record: KafkaRecord }>): Link[] {
  const links: Link[] = []
  for (const { record } of messages) {
    if (links.length >= names.MAX_LINKS) break
    if (record.headers !== undefined) links.push(...linksOf(record))
  }
  return links.slice(0, names.MAX_LINKS)
}

/** To the trace of a record, and to the failed attempt that it is redriven for. */
function linksOf(record: KafkaRecord): Link[] {
  const brought = broughtBy(record)
  const parent = brought === null ? null : spanContextOf(brought)
  return [parent, redrivenOf(record)].flatMap(linkTo)
}

type Failed = Extract<Outcome, { readonly error: unknown }>

function failedOf(outcome: Outcome | readonly Outcome[]): readonly Failed[] {
  const outcomes = 'kind' in outcome ? [outcome] : outcome
  return outcomes.filter((one) => 'error' in one)
}

function kindOf(outcome: Outcome | readonly Outcome[]): string {
  return 'kind' in outcome ? outcome.kind : 'ok'
}
