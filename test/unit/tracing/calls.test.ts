import assert from 'node:assert/strict'
import test from 'node:test'
import { SpanStatusCode, trace } from '@opentelemetry/api'
import type { HandlerEmit } from '../../../src/handle/load/loaded-handler.ts'
import type { TraceContext } from '../../../src/kernel/tracing.ts'
import { createPipeline, errorOf, recordAt, TOPIC } from '../handle/parts.ts'
import { endedSpans, tracedGroup } from './memory-sdk.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const spanId = (index: number) => index.toString(16).padStart(16, '0')
const parentAt = (index: number, flags = '01') => `00-${TRACE}-${spanId(index)}-${flags}`
const traced = (offset: number, traceparent: string) => ({
  ...recordAt(offset),
  headers: { traceparent: Buffer.from(traceparent) },
})

/** What was sent on with each emit. */
function createSink() {
  const sent: Array<TraceContext | undefined> = []
  const emit: HandlerEmit = async ({ trace: context }) => void sent.push(context)
  return { sent, emit }
}

test('a call that is not sampled has no span, unless it fails: then one from its beginning', async () => {
  const { calls } = tracedGroup({ every: 0 })
  const handle = async (): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, 20))
    if (isBroken) throw new TypeError('no such field')
  }
  let isBroken = false
  const it = createPipeline([{ name: 'one', handle }], { loaded: { tracing: calls } })
  await it.process(1)
  assert.deepEqual(endedSpans(), [])
  isBroken = true
  const outcome = await it.process(2)
  const [span] = endedSpans()
  assert.ok(span)
  assert.equal(span.name, `process ${TOPIC}`)
  assert.equal(span.status.code, SpanStatusCode.ERROR)
  assert.match(String(span.status.message), /TypeError: no such field/)
  assert.equal(span.attributes['error.type'], errorOf(outcome, 'retry').code)
  const [seconds, nanoseconds] = span.duration
  assert.ok(seconds > 0 || nanoseconds > 15e6, 'it lasts as long as the call did')
})

test('a failed call of a trace that is not sampled begins one, with a link to it', async () => {
  const { calls } = tracedGroup({ every: 1 })
  const handle = () => {
    throw new Error('away')
  }
  const it = createPipeline([{ name: 'one', handle }], { loaded: { tracing: calls } })
  await it.pipeline.process(traced(1, parentAt(1, '00')), it.signal)
  const [span, ...others] = endedSpans()
  assert.deepEqual(others, [])
  assert.notEqual(span?.spanContext().traceId, TRACE)
  assert.deepEqual(
    span?.links.map(({ context }) => context.spanId),
    [spanId(1)],
  )
})

test('follow: a sampled trace goes on in the call; link: the call is sampled as any other', async () => {
  const handle = () => {}
  const process = async (parents: 'follow' | 'link', every: number) => {
    const { calls } = tracedGroup({ every, parents })
    const it = createPipeline([{ name: 'one', handle }], { loaded: { tracing: calls } })
    for (const [offset, flags] of ['00', '01'].entries()) {
      await it.pipeline.process(traced(offset, parentAt(offset + 1, flags)), it.signal)
    }
    return endedSpans().map((span) => [
      span.attributes['messaging.kafka.offset'],
      span.parentSpanContext?.spanId,
      span.links.map(({ context }) => context.spanId),
    ])
  }
  assert.deepEqual(await process('follow', 0), [[1, spanId(2), []]])
  // What is not sampled stays so: its other spans were never made.
  assert.deepEqual(await process('follow', 1), [[1, spanId(2), []]])
  assert.deepEqual(await process('link', 0), [])
  assert.deepEqual(await process('link', 1), [
    [0, undefined, [spanId(1)]],
    [1, undefined, [spanId(2)]],
  ])
})

test('a batch is one span with links to the traces of its messages, at most 128', async () => {
  const { calls } = tracedGroup({})
  const it = createPipeline([{ name: 'one', batch: { size: 500, within: 0 }, async handle() {} }], {
    loaded: { tracing: calls },
  })
  const records = Array.from({ length: 300 }, (_, offset) =>
    offset % 2 === 0 ? recordAt(offset) : traced(offset, parentAt(offset)),
  )
  await it.pipeline.processSlice(records, it.signal, true)
  const [span, ...others] = endedSpans()
  assert.deepEqual(others, [])
  assert.equal(span?.attributes['messaging.batch.message_count'], 300)
  assert.equal(span?.parentSpanContext, undefined)
  assert.equal(span?.links.length, 128)
  assert.equal(span?.droppedLinksCount, 0)
  assert.equal(span?.links[127]?.context.spanId, spanId(255))
})

test("a handler's own spans are below its call, and what the service begins for it is not", async () => {
  const { calls } = tracedGroup({ every: 1 })
  const active: unknown[] = []
  const emit: HandlerEmit = async () => void active.push(trace.getActiveSpan())
  const handler = {
    name: 'one',
    async handle(_: unknown, context: { emit: (sink: string, value: unknown) => Promise<void> }) {
      await Promise.resolve()
      trace.getTracer('own').startSpan('own').end()
      await context.emit('sink', 1)
    },
  }
  const it = createPipeline([handler], { emit, loaded: { tracing: calls } })
  await it.process(1)
  const [own, call] = endedSpans()
  assert.equal(own?.parentSpanContext?.spanId, call?.spanContext().spanId)
  assert.deepEqual(active, [undefined])
  assert.equal(trace.getActiveSpan(), undefined)
})

test('what is emitted carries the trace of the call; without one, what its message brought', async () => {
  const { sent, emit } = createSink()
  const each = { name: 'each', handle: (_: unknown, context: Context) => context.emit('sink', 1) }
  const all = {
    name: 'all',
    batch: { size: 10, within: 0 },
    async handle(messages: readonly unknown[], context: Context) {
      for (const message of messages) await context.emit('sink', 1, { message })
    },
  }
  type Context = { emit: (sink: string, value: unknown, options?: object) => Promise<void> }
  const { calls } = tracedGroup({})
  const records = [recordAt(1), traced(2, parentAt(2, '00')), traced(3, 'no trace')]
  for (const handler of [each, all]) {
    const it = createPipeline([handler as never], { emit, loaded: { tracing: calls } })
    await it.pipeline.processSlice(records, it.signal, true)
  }
  const brought = { headers: { traceparent: parentAt(2, '00') }, isTraced: false }
  const passed = [undefined, brought, undefined]
  assert.deepEqual(sent.splice(0), [...passed, ...passed])
  const it = createPipeline([each as never], { emit, loaded: { tracing: calls } })
  await it.pipeline.process(traced(4, parentAt(4)), it.signal)
  const [span] = endedSpans()
  const { traceId, spanId: id } = span?.spanContext() ?? {}
  assert.equal(traceId, TRACE)
  assert.deepEqual(sent, [{ headers: { traceparent: `00-${TRACE}-${id}-01` }, isTraced: true }])
})

test('a flood of failures makes no more spans than maxPerSecond', async () => {
  const { calls } = tracedGroup({ maxPerSecond: 5 })
  const handle = () => {
    throw new Error('away')
  }
  const it = createPipeline([{ name: 'one', handle }], { loaded: { tracing: calls } })
  const before = performance.now()
  for (let offset = 0; offset < 500; offset++) await it.process(offset)
  const most = 5 + Math.ceil(((performance.now() - before) / 1000) * 5)
  assert.ok(endedSpans().length >= 5 && endedSpans().length <= most)
})
