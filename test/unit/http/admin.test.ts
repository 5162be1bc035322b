import assert from 'node:assert/strict'
import test, { type TestContext } from 'node:test'
import type { AdminControl } from '../../../src/http/admin.ts'
import { createHttpServer } from '../../../src/http/server.ts'
import { OccError } from '../../../src/kernel/errors.ts'
import type { ServiceStatus } from '../../../src/observe/types.ts'
import { createCapturedLog } from '../../support/captured-log.ts'
import { overview } from '../../support/overview.ts'
import { circuitStatus, pauseOf, serviceStatus } from '../../support/status.ts'
import { noOffsets } from './serve.ts'

const TOKEN = 'a-token-that-nobody-guesses'
const TOPIC = 'solana.transfers'
const NOW = Date.parse('2026-01-31T12:00:00Z')

interface Answer {
  readonly code: number
  readonly body: Readonly<Record<string, unknown>>
  readonly headers: Headers
}

async function serve(context: TestContext, token: () => string | null = () => TOKEN) {
  const calls: unknown[] = []
  const time = { monotonic: 0 }
  let failure: OccError | null = null
  const current: { status: ServiceStatus } = { status: serviceStatus() }
  const log = createCapturedLog()
  const admin: AdminControl = {
    readTokens() {
      const own = token()
      return own === null ? [] : [{ name: 'operator', right: 'operate', token: own }]
    },
    knows: () => ({
      pauses: current.status.pauses,
      topics: [TOPIC, 'tron.transfers'],
      handlers: ['whale-alert'],
      partitionsOf: (topic) => (topic === TOPIC ? 4 : null),
    }),
    pause: async (order) => {
      calls.push(['pause', order])
      if (failure !== null) throw failure
      const { target, by, until, reason } = order
      return { before: [], after: [pauseOf(target, { by, until, reason })] }
    },
    resume: async (order) => {
      calls.push(['resume', order])
      return { before: [pauseOf(order.target)], after: [] }
    },
  }
  const server = createHttpServer({
    host: '127.0.0.1',
    port: 0,
    status: { status: () => current.status },
    metrics: { contentType: 'text/plain', render: async () => '' },
    scaling: { report: () => ({ known: false, reason: 'not read', advice: [] }) },
    livenessMaxAge: 30_000,
    clock: { now: () => NOW, monotonic: () => time.monotonic },
    log,
    admin,
    offsets: noOffsets,
    overview: { overview },
    page: false,
  })
  const { port } = await server.listen()
  context.after(() => server.close())

  async function ask(path: string, init: RequestInit = {}): Promise<Answer> {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, init)
    const body = (await response.json()) as Answer['body']
    return { code: response.status, body, headers: response.headers }
  }

  const bearing = (given: string) => ({ authorization: `Bearer ${given}` })
  return {
    calls,
    log,
    time,
    fail(error: OccError) {
      failure = error
    },
    become(changes: Partial<ServiceStatus>) {
      current.status = serviceStatus(changes)
    },
    ask,
    get: (path: string, given = TOKEN) => ask(path, { headers: bearing(given) }),
    post: (path: string, body: unknown, given = TOKEN) =>
      ask(path, {
        method: 'POST',
        headers: { ...bearing(given), 'content-type': 'application/json' },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
  }
}

test('without a token file the admin API is off, and says how to enable it', async (context) => {
  const { get, post, calls } = await serve(context, () => null)
  for (const answer of [await get('/admin/state'), await post('/admin/pause', { topic: TOPIC })]) {
    assert.equal(answer.code, 404)
    assert.match(String(answer.body['error']), /off: set admin\.tokenFile/)
  }
  assert.deepEqual(calls, [])
})

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

test('only the exact token is accepted', async (context) => {
  const { ask, get, post, calls } = await serve(context)
  const none = await ask('/admin/state')
  assert.deepEqual([none.code, none.headers.get('www-authenticate')], [401, 'Bearer'])
  for (const given of ['', 'wrong', `${TOKEN}x`, TOKEN.slice(0, -1), TOKEN.toUpperCase()]) {
    assert.equal((await get('/admin/state', given)).code, 401, given)
  }
  const basic = { headers: { authorization: `Basic ${TOKEN}` } }
  assert.equal((await ask('/admin/state', basic)).code, 401)
  assert.equal((await post('/admin/pause', { topic: TOPIC }, 'wrong')).code, 401)
  assert.equal((await get('/admin/nothing', 'wrong')).code, 401, 'also of what does not exist')
  assert.deepEqual(calls, [])
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

test('an address with too many wrong tokens has to wait; the right token is still accepted', async (context) => {
  const { get, time, log } = await serve(context)
  for (let count = 0; count < 10; count++) {
    assert.equal((await get('/admin/state', 'wrong')).code, 401)
  }
  const limited = await get('/admin/state', 'wrong')
  assert.deepEqual([limited.code, limited.headers.get('retry-after')], [429, '60'])
  const denied = () => log.lines.filter(({ fields }) => fields.event === 'admin.denied').length
  assert.equal(denied(), 10, 'not said any more')
  assert.equal((await get('/admin/state')).code, 200)
  time.monotonic = 59_999
  assert.equal((await get('/admin/state', 'wrong')).code, 429)
  time.monotonic = 60_000
  assert.equal((await get('/admin/state', 'wrong')).code, 401)
})

test('a replaced token applies at once, and a file without one denies everybody', async (context) => {
  let read = () => TOKEN
  const { get, log } = await serve(context, () => read())
  read = () => 'another-token-of-some-length'
  assert.equal((await get('/admin/state')).code, 401)
  assert.equal((await get('/admin/state', 'another-token-of-some-length')).code, 200)
  read = () => {
    throw new OccError('OCC_SECRET_UNREADABLE', '/token names a file that does not exist')
  }
  assert.equal((await get('/admin/state')).code, 503)
  assert.ok(log.lines.some(({ text }) => text === '/token names a file that does not exist'))
})

test('the log shows who paused what, and never a token', async (context) => {
  const { get, post, log } = await serve(context)
  await post('/admin/pause', { topic: TOPIC, partition: 3 })
  await get('/admin/state', 'wrong-token-of-somebody')
  const line = log.lines.find(({ fields }) => fields.event === 'admin.paused')
  assert.equal(line?.text, 'An operator (operator) has paused partition 3 of solana.transfers')
  assert.equal(line?.fields['who'], 'operator')
  assert.equal(line?.fields['address'], '127.0.0.1')
  assert.ok(log.lines.some(({ fields }) => fields.event === 'admin.denied'))
  assert.doesNotMatch(JSON.stringify(log.lines), /a-token-that|wrong-token-of/)
})

test('a pod with a paused topic stays ready', async (context) => {
  const { ask, become } = await serve(context)
  become({ pauses: [pauseOf({ topic: TOPIC })] })
  assert.equal((await ask('/readyz')).code, 200)
})
