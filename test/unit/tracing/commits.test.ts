import assert from 'node:assert/strict'
import test from 'node:test'
import { SpanStatusCode } from '@opentelemetry/api'
import { OccError } from '../../../src/kernel/errors.ts'
import { createPipeline, TOPIC } from '../handle/parts.ts'
import { endedSpans, GROUP, tracedGroup } from './memory-sdk.ts'

const offsets = (offset: number, partition = 3) => [
  { topic: TOPIC, partition, offset, metadata: '', finished: [] },
]

test('a commit that finishes traced calls is a span with links to them, once it succeeds', async () => {
  const { calls, commits } = tracedGroup({ every: 1 })
  const it = createPipeline([{ name: 'one', handle() {} }], { loaded: { tracing: calls } })
  for (const offset of [1, 2, 3]) await it.process(offset)
  const ids = endedSpans().map((span) => span.spanContext().spanId)
  let isAway = true
  const target = commits({
    async commit() {
      if (isAway) throw new OccError('OCC_COMMIT_FENCED', 'the generation is over')
    },
  })
  await assert.rejects(target.commit(offsets(3)), { code: 'OCC_COMMIT_FENCED' })
  isAway = false
  await target.commit(offsets(3))
  await target.commit(offsets(9, 0))
  await target.commit(offsets(4))
  const spans = endedSpans().filter(({ name }) => name === 'commit')
  const linked = spans.map(({ links }) => links.map(({ context }) => context.spanId))
  assert.deepEqual(linked, [ids.slice(0, 2), ids.slice(0, 2), [], ids.slice(2)])
  const [failed, done] = spans
  assert.equal(failed?.status.code, SpanStatusCode.ERROR)
  assert.equal(failed?.attributes['error.type'], 'OCC_COMMIT_FENCED')
  assert.deepEqual(done?.attributes, {
    'messaging.system': 'kafka',
    'messaging.operation.name': 'commit',
    'messaging.operation.type': 'settle',
    'messaging.consumer.group.name': GROUP,
    'messaging.destination.name': TOPIC,
    'onchain_consumer.partitions': 1,
  })
})

test('a commit of nothing traced has no span, unless it fails', async () => {
  const { commits } = tracedGroup({})
  await commits({ async commit() {} }).commit(offsets(3))
  assert.deepEqual(endedSpans(), [])
  const away = commits({ commit: () => Promise.reject(new Error('away')) })
  await assert.rejects(away.commit(offsets(3)), /away/)
  assert.equal(endedSpans().length, 1)
})
