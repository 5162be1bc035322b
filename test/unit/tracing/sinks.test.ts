import assert from 'node:assert/strict'
import test from 'node:test'
import { createEmitSinks } from '../../../src/sink/emit/emit-sinks.ts'
import type { EmitSink } from '../../../src/sink/emit/types.ts'
import { createPipeline, recordAt } from '../handle/parts.ts'
import { endedSpans, tracedGroup } from './memory-sdk.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const BROUGHT = `00-${TRACE}-b7ad6b7169203331-01`

/** Calls that emit so many values each to a sink, and what the sink was given. */
function createEmitting(values: number, maxPerSecond = 0) {
  const { calls, sink } = tracedGroup({ maxPerSecond })
  const traceparents: Array<string | undefined> = []
  const file: EmitSink = {
    async check() {},
    async write({ trace }) {
      traceparents.push(trace?.headers.traceparent)
    },
    async close() {},
  }
  const config = { type: 'file', folder: '/nowhere' } as never
  const { emit } = createEmitSinks(new Map([['out', sink('out', config, file)]]))
  const handler = {
    name: 'one',
    async handle(_: unknown, context: { emit: (sink: string, value: unknown) => Promise<void> }) {
      for (let value = 0; value < values; value++) await context.emit('out', { value })
    },
  }
  const it = createPipeline([handler], { emit, loaded: { tracing: calls } })
  const handle = (offset: number) => {
    const headers = { traceparent: Buffer.from(BROUGHT) }
    return it.pipeline.process({ ...recordAt(offset), headers }, it.signal)
  }
  return { handle, traceparents }
}

const emits = () => endedSpans().filter(({ name }) => name === 'emit out')

test('a value carries the span of its emit, which is below that of the call', async () => {
  const { handle, traceparents } = createEmitting(2)
  await handle(1)
  const call = endedSpans()
    .find(({ name }) => name.startsWith('process '))
    ?.spanContext()
  assert.deepEqual(
    emits().map((span) => span.parentSpanContext?.spanId),
    [call?.spanId, call?.spanId],
  )
  const expected = emits().map((span) => `00-${TRACE}-${span.spanContext().spanId}-01`)
  assert.deepEqual(traceparents, expected)
})

test('a call has at most 128 spans of emits; what is above carries the span of the call', async () => {
  const { handle, traceparents } = createEmitting(300)
  await handle(1)
  const call = endedSpans()
    .find(({ name }) => name.startsWith('process '))
    ?.spanContext()
  assert.equal(emits().length, 128)
  assert.equal(traceparents[299], `00-${TRACE}-${call?.spanId}-01`)
})

test('a call above maxPerSecond has no spans of emits either: its record may come of a sampled trace', async () => {
  const { handle, traceparents } = createEmitting(1, 1)
  const before = performance.now()
  for (let offset = 1; offset <= 200; offset++) await handle(offset)
  const most = 1 + Math.ceil((performance.now() - before) / 1000)
  assert.ok(emits().length <= most, `${emits().length} of at most ${most}`)
  assert.ok(traceparents.includes(BROUGHT), 'it is passed on')
})
