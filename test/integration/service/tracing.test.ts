import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { headerOf, recordsOf } from '../../support/records/topic-records.ts'
import {
  type CollectedSpan,
  type OtlpCollector,
  startOtlpCollector,
} from '../../support/servers/otlp-collector.ts'
import { startWebhookReceiver } from '../../support/servers/webhook-receiver.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { until, useKafka } from '../harness.ts'
import { plainEnvironment, ROOT, runHere, startService } from './process.ts'

const embedded = useKafka()

const PRESET = join(ROOT, 'examples/tracing/otlp.mjs')
const SERVER = 2
const CLIENT = 3
const PRODUCER = 4
const CONSUMER = 5
const ERROR = 2
const PRODUCED = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' }

const traceparent = (flags: string) => `00-${PRODUCED.traceId}-${PRODUCED.spanId}-${flags}`

const HANDLER = `
let isWell = false
export default {
  name: 'mover',
  async handle({ document: { value } }, { emit, dead }) {
    if (value === 'heal') isWell = true
    if (value === 'poison' && !isWell) return dead('it is poison')
    await emit('out', { value })
    await emit('hook', { value })
  },
}`

/** Traces of a service, as the preset sends them. */
function tracedEnvironment({ url }: OtlpCollector) {
  return {
    NODE_OPTIONS: `--import=${PRESET}`,
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_SERVICE_NAME: 'whales',
  }
}

/** The one span that fits. */
function one(spans: readonly CollectedSpan[], fits: (span: CollectedSpan) => boolean) {
  const found = spans.filter(fits)
  assert.equal(found.length, 1, JSON.stringify(spans, null, 1))
  return found[0] as CollectedSpan
}

for (const workers of [0, 1]) {
  test(`with ${workers} worker threads: a call is traced from its record to its sinks, its commit, its letter and its redrive`, async (t) => {
    const topic = `traced-${workers}`
    const out = `traced-out-${workers}`
    await embedded.createTopic(topic)
    await embedded.createTopic(out)
    const collector = await startOtlpCollector(t)
    const receiver = await startWebhookReceiver(t)
    const folder = temporaryFolder(t)
    writeFileSync(join(folder, 'mover.mjs'), HANDLER)
    const config = join(folder, 'config.yaml')
    writeFileSync(
      config,
      JSON.stringify({
        handlers: [{ path: join(folder, 'mover.mjs') }],
        sinks: {
          out: { type: 'kafka', topic: out },
          hook: { type: 'webhook', url: receiver.url, allowPrivate: true },
        },
        processing: { workers },
        tracing: { every: 0 },
      }),
    )
    const group = `onchain-${topic}`
    const env = {
      ...plainEnvironment(t, embedded.kafka, topic, group),
      OCC_SINK_LOG_MODE: 'off',
    }
    const send = (value: string, headers = {}) =>
      embedded.send(topic, [{ value: JSON.stringify({ value }), headers, partition: 0 }])
    await send('sampled', { traceparent: traceparent('01'), tracestate: 'vendor=1' })
    await send('not sampled', { traceparent: traceparent('00') })
    await send('poison')
    await send('heal')
    const service = startService(t, { ...env, ...tracedEnvironment(collector) }, [
      '--config',
      config,
    ])
    const committed = (offset: number) =>
      until(
        async () => (await embedded.committed(group, topic))[0] === offset,
        () => `offset ${offset} to be committed: ${JSON.stringify(service.lines.slice(-3))}`,
      )
    await committed(4)
    const redrive = await runHere(['dlq', 'redrive', '--yes', '--config', config], env)
    assert.equal(redrive.code, 0, redrive.stderr)
    await committed(5)
    const { code, stderr } = await service.end()
    assert.deepEqual([code, stderr], [0, ''])

    const { spans } = collector
    assert.ok(spans.every((span) => span.service === 'whales'))
    const calls = spans.filter((span) => span.name === `process ${topic}`)
    const call = one(calls, (span) => span.attributes['messaging.kafka.offset'] === 0)
    assert.deepEqual(
      [call.traceId, call.parentSpanId, call.kind],
      [PRODUCED.traceId, PRODUCED.spanId, CONSUMER],
    )
    assert.deepEqual(call.attributes, {
      'messaging.system': 'kafka',
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'messaging.destination.name': topic,
      'messaging.destination.partition.id': '0',
      'messaging.kafka.offset': 0,
      'messaging.consumer.group.name': group,
      'onchain_consumer.handler': 'mover',
      'onchain_consumer.attempt': 1,
      'onchain_consumer.outcome': 'ok',
    })
    const sent = one(spans, (span) => span.name === `send ${out}` && span.traceId === call.traceId)
    assert.deepEqual([sent.parentSpanId, sent.kind], [call.spanId, PRODUCER])
    const hooked = one(spans, (span) => span.name === 'emit hook' && span.traceId === call.traceId)
    assert.deepEqual([hooked.parentSpanId, hooked.kind], [call.spanId, CLIENT])
    // A commit does not know of calls in threads.
    const commits = spans.filter(({ links = [] }) =>
      links.some(({ spanId }) => spanId === call.spanId),
    )
    assert.deepEqual(
      commits.map(({ name }) => name),
      workers === 0 ? ['commit'] : [],
    )

    // What was sent on: of the span, as it came, or nothing.
    const records = (await recordsOf(embedded.broker, out)).map((record) => [
      JSON.parse(String(record.value)).value,
      headerOf(record, 'traceparent'),
      headerOf(record, 'tracestate'),
    ])
    assert.deepEqual(records, [
      ['sampled', `00-${sent.traceId}-${sent.spanId}-01`, 'vendor=1'],
      ['not sampled', traceparent('00'), undefined],
      ['heal', undefined, undefined],
      ['poison', records[3]?.[1], undefined],
    ])
    const hooks = receiver.received.map(({ body, headers }) => [
      JSON.parse(body).value,
      headers['traceparent'],
    ])
    assert.deepEqual(hooks.slice(0, 3), [
      ['sampled', `00-${hooked.traceId}-${hooked.spanId}-01`],
      ['not sampled', traceparent('00')],
      ['heal', undefined],
    ])

    // Nothing begins a trace here but what fails, and what is redriven.
    assert.equal(calls.length, 3)
    const failed = one(calls, (span) => span.attributes['messaging.kafka.offset'] === 2)
    assert.equal(failed.status.code, ERROR)
    assert.equal(failed.attributes['error.type'], 'OCC_HANDLER_DEAD')
    assert.equal(failed.attributes['onchain_consumer.outcome'], 'dead')
    const letter = one(spans, (span) => span.name === `dead letter ${topic}`)
    assert.deepEqual([letter.traceId, letter.parentSpanId], [failed.traceId, failed.spanId])
    const again = one(calls, (span) => span.attributes['messaging.kafka.offset'] === 4)
    assert.deepEqual(
      again.links?.map(({ traceId, spanId }) => [traceId, spanId]),
      [[failed.traceId, failed.spanId]],
    )
    assert.notEqual(again.traceId, failed.traceId)
    assert.ok(spans.every(({ kind }) => kind !== SERVER))
  })
}
