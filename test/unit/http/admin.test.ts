import assert from 'node:assert/strict'
import test from 'node:test'
import { OccError } from '../../../src/kernel/errors.ts'
import { circuitStatus, pauseOf } from '../../support/status.ts'
import { NOW, serve, TOKEN, TOPIC } from './admin-server.ts'

test('a topic, a partition and a handler are paused and resumed', async (context) => {
  const { post, calls } = await serve(context)
  const targets = [{ topic: TOPIC }, { topic: TOPIC, partition: 3 }, { handler: 'whale-alert' }]
  for (const target of targets) {
    assert.equal((await post('/admin/pause', target)).code, 200)
    assert.equal((await post('/admin/resume/', target)).code, 200)
  }
  assert.deepEqual(
    calls,
    targets.flatMap((target) => {
      const order = { target, by: 'operator', until: null, reason: null }
      return [
        ['pause', order],
        ['resume', order],
      ]
    }),
  )
})

test('/admin/state and every answer show what is paused and what waits for a restart', async (context) => {
  const { get, post, become } = await serve(context)
  const held = circuitStatus({ handler: 'whale-alert', state: 'held' })
  become({
    pauses: [
      pauseOf({ topic: TOPIC, partition: 3 }, { until: NOW, reason: 'the index is built anew' }),
      pauseOf({ handler: 'whale-alert' }),
    ],
    circuits: [held, circuitStatus({ handler: '' })],
    config: { valid: false, pendingRestart: ['kafka.topics'] },
  })
  const { body } = await get('/admin/state')
  assert.deepEqual(body, {
    state: 'running',
    paused: [
      {
        ...{ topic: TOPIC, partition: 3, by: 'alice', since: '1970-01-01T00:00:01.000Z' },
        ...{ until: '2026-01-31T12:00:00.000Z', reason: 'the index is built anew' },
      },
      {
        ...{ handler: 'whale-alert', by: 'alice', since: '1970-01-01T00:00:01.000Z' },
        ...{ until: null, reason: null },
      },
    ],
    handlers: [held],
    load: { inFlight: 0, concurrency: 100, bufferedBytes: 12_000, maxBytes: 134_217_728 },
    config: { valid: false, pendingRestart: ['kafka.topics'] },
  })
  assert.deepEqual((await post('/admin/pause', { topic: TOPIC })).body, body)
})

test('a pause has an end, by its length or its time, and a reason', async (context) => {
  const { post, calls, log } = await serve(context)
  const reason = 'the index is built anew'
  const one = await post('/admin/pause', { topic: TOPIC, for: '30m', reason })
  const other = await post('/api/v1/pause', { topic: TOPIC, until: '2026-01-31T15:00:00+02:00' })
  assert.deepEqual([one.code, other.code], [200, 200])
  const order = { target: { topic: TOPIC }, by: 'operator' }
  assert.deepEqual(calls, [
    ['pause', { ...order, until: NOW + 1_800_000, reason }],
    ['pause', { ...order, until: NOW + 3_600_000, reason: null }],
  ])
  const line = log.lines.find(({ fields }) => fields.event === 'admin.paused')
  const after = { topic: TOPIC, by: 'operator', since: '1970-01-01T00:00:01.000Z', reason }
  assert.deepEqual(
    [line?.fields['before'], line?.fields['after']],
    [[], [{ ...after, until: '2026-01-31T12:30:00.000Z' }]],
  )
  const resumed = await post('/admin/resume', { topic: TOPIC, for: '30m' })
  assert.match(String(resumed.body['error']), /"for" is not a known key/)
})

test('a pause that could not be kept for the group is no success, and is not logged as one', async (context) => {
  const { post, log, fail } = await serve(context)
  fail(new OccError('OCC_BROKER_UNREACHABLE', 'no broker answers there', { retriable: true }))
  const old = await post('/admin/pause', { topic: TOPIC })
  assert.deepEqual([old.code, old.body['error']], [503, 'no broker answers there'])
  const { code, body } = await post('/api/v1/pause', { topic: TOPIC })
  assert.deepEqual([code, body['code']], [503, 'OCC_BROKER_UNREACHABLE'])
  assert.ok(log.lines.every(({ fields }) => fields.event !== 'admin.paused'))
})

test('what is paused can be resumed where it is not consumed any more', async (context) => {
  const { post, become, calls } = await serve(context)
  become({ pauses: [pauseOf({ topic: 'gone' }), pauseOf({ handler: 'removed' })] })
  for (const target of [{ topic: 'gone' }, { handler: 'removed' }]) {
    assert.equal((await post('/admin/pause', target)).code, 404)
    assert.equal((await post('/admin/resume', target)).code, 200)
  }
  assert.equal(calls.length, 2)
})

test('an invalid request is explained and changes nothing', async (context) => {
  const { post, calls } = await serve(context)
  const wrong: ReadonlyArray<readonly [unknown, number, RegExp]> = [
    [{}, 400, /neither "topic" nor "handler"/],
    [{ topic: TOPIC, handler: 'whale-alert' }, 400, /both "topic" and "handler"/],
    [{ handler: 'whale-alert', partition: 1 }, 400, /belongs to a topic/],
    [{ topic: TOPIC, partition: '1' }, 400, /"partition" must be an integer from 0/],
    [{ topic: TOPIC, partition: -1 }, 400, /"partition" must be an integer/],
    [{ topic: TOPIC, partition: 1.5 }, 400, /"partition" must be an integer/],
    [{ topic: 7 }, 400, /"topic" must be text/],
    [{ topic: TOPIC, partitions: 1 }, 400, /"partitions" is not a known key/],
    [{ topic: TOPIC, for: '30' }, 400, /"for" must be a time such as 30m/],
    [{ topic: TOPIC, for: '367d' }, 400, /more than 366 days/],
    [{ topic: TOPIC, until: 'tomorrow' }, 400, /"until" is "tomorrow": write a time such as/],
    [{ topic: TOPIC, until: '2026-01-31T13:00:00' }, 400, /it has no time zone/],
    [{ topic: TOPIC, until: '2026-01-31T11:59:59Z' }, 400, /which is over already/],
    [{ topic: TOPIC, until: '2026-01-31T13:00:00Z', for: '1h' }, 400, /exclude each other/],
    [{ topic: TOPIC, reason: 'two\nlines' }, 400, /"reason" must be text .* on one line/],
    [{ topic: TOPIC, reason: 'x'.repeat(201) }, 400, /"reason" must be text of 1 to 200/],
    [[TOPIC], 400, /not a JSON object/],
    ['null', 400, /not a JSON object/],
    ['{"topic":', 400, /not JSON: send/],
    ['', 400, /not JSON: send/],
    [{ topic: 'x'.repeat(5_000) }, 413, /too large/],
    [{ topic: 'solana.transfer' }, 404, /not consumed here; there is solana\.transfers, tron/],
    [{ handler: 'whale' }, 404, /no handler "whale"; there is whale-alert/],
  ]
  for (const [body, code, message] of wrong) {
    const answer = await post('/admin/pause', body)
    assert.equal(answer.code, code, JSON.stringify(answer.body))
    assert.match(String(answer.body['error']), message)
  }
  assert.deepEqual(calls, [])
})

test('other methods, paths and types are refused', async (context) => {
  const { ask, get, post } = await serve(context)
  const headers = { authorization: `Bearer ${TOKEN}` }
  const get405 = await get('/admin/pause')
  assert.deepEqual([get405.code, get405.headers.get('allow')], [405, 'POST'])
  const post405 = await post('/admin/state', {})
  assert.deepEqual([post405.code, post405.headers.get('allow')], [405, 'GET'])
  assert.equal((await get('/admin/nothing')).code, 404)
  const text = await ask('/admin/pause', { method: 'POST', headers, body: 'topic=a' })
  assert.deepEqual(
    [text.code, /as application\/json/.test(String(text.body['error']))],
    [400, true],
  )
  const form = await ask('/admin/pause', { method: 'POST', headers, body: new URLSearchParams() })
  assert.equal(form.code, 415)
})

test('a partition that the topic does not have cannot be paused, but a paused one can be resumed', async (context) => {
  const { post, calls } = await serve(context)
  const answer = await post('/admin/pause', { topic: TOPIC, partition: 4 })
  assert.equal(answer.code, 404)
  assert.equal(answer.body['error'], `the topic "${TOPIC}" has no partition 4; it has 0 to 3`)
  assert.deepEqual(calls, [])
  assert.equal((await post('/admin/resume', { topic: TOPIC, partition: 4 })).code, 200)
  const unknown = { topic: 'tron.transfers', partition: 4 }
  assert.equal((await post('/admin/pause', unknown)).code, 200, 'the brokers have not said yet')
})

test('a pod with a paused topic stays ready', async (context) => {
  const { ask, become } = await serve(context)
  become({ pauses: [pauseOf({ topic: TOPIC })] })
  assert.equal((await ask('/readyz')).code, 200)
})
