import assert from 'node:assert/strict'
import test from 'node:test'
import { trace } from '@opentelemetry/api'
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { OccError } from '../../../src/kernel/errors.ts'
import { traceOf } from '../../../src/kernel/tracing.ts'
import { createTracing } from '../../../src/tracing/tracing.ts'
import { createCapturedLog } from '../../support/captured-log.ts'
import { createPipeline, errorOf, recordAt, TOPIC } from '../handle/parts.ts'

/** A processor of spans with a mistake of its own, in one of its functions. */
class Broken extends SimpleSpanProcessor {
  static at: 'onStart' | 'onEnd'
  override onStart(...given: Parameters<SimpleSpanProcessor['onStart']>): void {
    if (Broken.at === 'onStart') throw new TypeError('no attribute')
    super.onStart(...given)
  }
  override onEnd(): void {
    if (Broken.at === 'onEnd') throw new TypeError('no attribute')
  }
}

trace.setGlobalTracerProvider(
  new TracerProvider({ spanProcessors: [new Broken({ exporter: new InMemorySpanExporter() })] }),
)

for (const at of ['onStart', 'onEnd'] as const) {
  test(`an SDK that throws (${at}) fails no record, and stops no commit, letter or sink`, async () => {
    Broken.at = at
    const log = createCapturedLog()
    const tracing = createTracing({ every: 1, maxPerSecond: 0, parents: 'follow' }, log)
    assert.ok(tracing)
    const { calls, commits, letter } = tracing.ofGroup('whales')
    for (const handle of [() => {}, async () => {}]) {
      const it = createPipeline([{ name: 'one', handle }], { loaded: { tracing: calls } })
      assert.equal((await it.process(1)).kind, 'ok')
    }
    const failing = createPipeline(
      [{ name: 'one', handle: () => Promise.reject(new Error('away')) }],
      { loaded: { tracing: calls } },
    )
    const failed = errorOf(await failing.process(2), 'retry')
    assert.equal(traceOf(failed) === null, at === 'onStart', 'there is no span to name')
    const done: string[] = []
    await commits({ commit: async () => void done.push('commit') }).commit([
      { topic: TOPIC, partition: 3, offset: 9, metadata: '', finished: [] },
    ])
    const error = new OccError('OCC_HANDLER_LATER', 'no such field')
    const dead = { record: recordAt(1), error, failedAt: 0, attempts: 1, handler: 'one' }
    await letter({ ...dead, redrives: 0 } as never, async () => void done.push('letter'))
    const headers = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` }
    const write = async () => void done.push('sink')
    const sink = { check: write, close: write, write }
    await tracing
      .sink('log', { type: 'log' } as never, sink)
      .write({ trace: { headers, isTraced: true } } as never)
    assert.deepEqual(done, ['commit', 'letter', 'sink'])
    assert.match(JSON.stringify(log.lines), /tracing\.failed.*no attribute/)
  })
}
