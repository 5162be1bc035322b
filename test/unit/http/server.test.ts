import assert from 'node:assert/strict'
import { once } from 'node:events'
import { Agent, get } from 'node:http'
import { connect } from 'node:net'
import test, { type TestContext } from 'node:test'
import { ENDPOINTS } from '../../../src/http/endpoints.ts'
import { createHttpServer } from '../../../src/http/server.ts'
import { OccError } from '../../../src/kernel/errors.ts'
import { type Log, silentLog } from '../../../src/kernel/log.ts'
import { createMeters } from '../../../src/observe/meters/meters.ts'
import { createMetrics } from '../../../src/observe/metrics/metrics.ts'
import type {
  Metrics,
  ScalingReport,
  ScalingReportSource,
  ServiceStatus,
} from '../../../src/observe/types.ts'
import {
  circuitStatus,
  memberStatus,
  partitionStatus,
  scalingReportOf,
  serviceStatus,
} from '../../support/status.ts'
import { parseExposition } from '../observe/exposition.ts'

interface Options {
  readonly metrics?: Metrics
  readonly scaling?: ScalingReportSource
  readonly log?: Log
  readonly port?: number
}

function build(options: Options = {}) {
  const scaling = scalingReportOf() as ScalingReport
  const state = { status: serviceStatus(), scaling, monotonic: 0 }
  const status = { status: () => state.status }
  const clock = { now: () => 1_060_000, monotonic: () => state.monotonic }
  const version = { version: '1.2.3', kafkajs: '2.2.4' }
  const metrics = createMetrics({ meters: createMeters(), status, version, clock })
  const server = createHttpServer({
    host: '127.0.0.1',
    port: 0,
    status,
    metrics,
    scaling: { report: () => state.scaling },
    livenessMaxAgeMs: 30_000,
    clock,
    log: silentLog,
    admin: {
      readToken: () => null,
      knows: () => ({ topics: [], handlers: [], partitionsOf: () => null }),
      pause() {},
      resume() {},
    },
    ...options,
  })
  return { state, server }
}

async function serve(context: TestContext, options: Options = {}) {
  const { state, server } = build(options)
  const { port } = await server.listen()
  context.after(() => server.close())
  const url = `http://127.0.0.1:${port}`
  return {
    state,
    port,
    server,
    request: (path: string, init?: RequestInit) => fetch(`${url}${path}`, init),
    async json(path: string): Promise<{ code: number; body: Record<string, unknown> }> {
      const response = await fetch(`${url}${path}`)
      assert.match(response.headers.get('content-type') ?? '', /^application\/json/)
      return { code: response.status, body: (await response.json()) as Record<string, unknown> }
    },
  }
}

const become = (state: { status: ServiceStatus }, changes: Partial<ServiceStatus>) => {
  state.status = serviceStatus(changes)
}

test('/healthz fails only if a loop is stuck, and names it', async (context) => {
  const { state, json } = await serve(context)
  become(state, {
    members: [memberStatus({ lastTurn: 0 }), memberStatus({ id: 'b', lastTurn: 9 })],
  })
  state.monotonic = 30_000
  assert.deepEqual(await json('/healthz'), { code: 200, body: { alive: true, reasons: [] } })
  state.monotonic = 30_001
  assert.deepEqual(await json('/healthz'), {
    code: 503,
    body: {
      alive: false,
      reasons: ['the loop of member consumer-0 has not turned for 30001 ms (limit 30000 ms)'],
    },
  })
})

test('/healthz succeeds during a broker outage and a drain, before the first member and after the last', async (context) => {
  const { state, json } = await serve(context)
  state.monotonic = 100_000
  const turning = { lastTurn: 99_000 }
  for (const changes of [
    { members: [memberStatus({ ...turning, state: 'connecting', reason: 'ECONNREFUSED' })] },
    { state: 'draining', members: [memberStatus(turning)] },
    { state: 'draining', members: [memberStatus({ state: 'stopped', lastTurn: 0 })] },
    { state: 'starting', members: [] },
  ] as const) {
    become(state, changes)
    assert.equal((await json('/healthz')).code, 200, JSON.stringify(changes))
  }
})

test('/readyz gives the reasons', async (context) => {
  const { state, json } = await serve(context)
  assert.deepEqual(await json('/readyz'), {
    code: 200,
    body: { ready: true, reasons: [], warnings: [] },
  })
  const reason = 'topic solana.transfer does not exist on the brokers; waiting for it'
  become(state, {
    members: [memberStatus({ state: 'waiting', reason }), memberStatus({ id: 'b' })],
  })
  assert.deepEqual(await json('/readyz'), {
    code: 503,
    body: { ready: false, reasons: [`member consumer-0 is waiting: ${reason}`], warnings: [] },
  })
  become(state, { state: 'draining' })
  assert.deepEqual(await json('/readyz'), {
    code: 503,
    body: { ready: false, reasons: ['the service is draining'], warnings: [] },
  })
})

test('/startupz stays positive once every member has joined', async (context) => {
  const { state, json } = await serve(context)
  const joining = memberStatus({ state: 'joining', generation: null })
  become(state, { members: [memberStatus({ id: 'b' }), joining] })
  assert.deepEqual(await json('/startupz'), {
    code: 503,
    body: { started: false, reasons: ['member consumer-0 is joining'] },
  })
  become(state, {})
  assert.equal((await json('/startupz')).code, 200)
  become(state, { members: [joining] })
  assert.deepEqual(await json('/startupz'), { code: 200, body: { started: true, reasons: [] } })
})

test('/startupz knows a join that only /readyz has seen', async (context) => {
  const { state, json } = await serve(context)
  await json('/readyz')
  become(state, { members: [memberStatus({ state: 'connecting', generation: null })] })
  assert.equal((await json('/startupz')).code, 200)
})

test('/metrics is valid for Prometheus and shows the status at that moment', async (context) => {
  const { state, request } = await serve(context)
  const scrape = async () => {
    const response = await request('/metrics')
    assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
    return parseExposition(await response.text()).get('onchain_consumer_partition_lag_records')
  }
  assert.deepEqual(
    (await scrape())?.samples.map(({ value }) => value),
    [20],
  )
  become(state, { partitions: [] })
  assert.deepEqual((await scrape())?.samples, [])
})

test('/lag gives numbers, in records and in time, and a total of what is known', async (context) => {
  const { state, json } = await serve(context)
  const unknown = {
    endOffset: null,
    committedOffset: null,
    position: null,
    lag: null,
    oldestUnprocessedTime: null,
    retentionHeadroom: null,
  }
  become(state, {
    partitions: [
      partitionStatus({ partition: 10 }),
      partitionStatus({ partition: 2, ...unknown, paused: true, pausedBy: 'queue' }),
      partitionStatus({
        topic: 'a',
        lag: 5,
        oldestUnprocessedTime: 9e15,
        caughtUp: true,
        stableOffset: 110,
        blockedByTransaction: { records: 10, since: 1_000_000 },
        pausedBy: 'corrupt',
        problem: {
          reason: 'corrupt',
          message: 'the checksum does not fit',
          since: 1_000_000,
          damage: {
            error: { code: 'OCC_BATCH_CORRUPT', message: 'the checksum does not fit' },
            codec: 'lz4',
            firstOffset: 110,
            lastOffset: 114,
          },
        },
      }),
    ],
  })
  const { code, body } = await json('/lag')
  assert.equal(code, 200)
  const row = {
    topic: 'solana.transfers',
    partition: 10,
    member: 'consumer-0',
    end: 120,
    committed: 100,
    position: 110,
    lag: 20,
    oldestUnprocessedTime: '1970-01-01T00:16:40.000Z',
    oldestUnprocessedAgeSeconds: 60,
    secondsUntilLoss: 7_200,
    paused: false,
    pausedBy: null,
    behindRetries: 0,
    problem: null,
    stable: 120,
    blockedByTransaction: null,
    caughtUp: false,
  }
  assert.deepEqual(body, {
    state: 'running',
    totals: { lag: 25, partitions: 3, partitionsWithUnknownLag: 1 },
    partitions: [
      {
        ...row,
        topic: 'a',
        partition: 0,
        lag: 5,
        oldestUnprocessedTime: null,
        oldestUnprocessedAgeSeconds: 0,
        caughtUp: true,
        stable: 110,
        blockedByTransaction: { records: 10, since: '1970-01-01T00:16:40.000Z', ageSeconds: 60 },
        pausedBy: 'corrupt',
        problem: {
          reason: 'corrupt',
          message: 'the checksum does not fit',
          since: '1970-01-01T00:16:40.000Z',
          damage: { code: 'OCC_BATCH_CORRUPT', codec: 'lz4', firstOffset: 110, lastOffset: 114 },
        },
      },
      {
        ...row,
        partition: 2,
        end: null,
        committed: null,
        position: null,
        lag: null,
        oldestUnprocessedTime: null,
        oldestUnprocessedAgeSeconds: null,
        secondsUntilLoss: null,
        paused: true,
        pausedBy: 'queue',
      },
      row,
    ],
    circuits: [],
    group: { lag: 600, partitions: 12, members: 3, secondsToDrain: 60 },
    advice: [],
  })
})

test('/lag names the paused handlers, and since when', async (context) => {
  const { state, json } = await serve(context)
  const works = circuitStatus({ handler: 'works' })
  const away = circuitStatus({ handler: 'away', state: 'open', openedAt: 5, openings: 1 })
  become(state, { circuits: [works, away] })
  assert.deepEqual((await json('/lag')).body['circuits'], [away])
})

test('/lag gives the advice about the group, and null while the group is unknown', async (context) => {
  const { state, json } = await serve(context)
  const advice = [{ kind: 'add-partitions', text: 'add partitions to the topic' }] as const
  state.scaling = scalingReportOf({ advice })
  assert.deepEqual((await json('/lag')).body['advice'], advice)
  state.scaling = { known: false, reason: 'not read yet', advice: [] }
  const { code, body } = await json('/lag')
  assert.deepEqual([code, body['group'], body['advice']], [200, null, []])
})

test('/scale gives the whole group as numbers, for an autoscaler', async (context) => {
  const { state, json } = await serve(context)
  state.scaling = scalingReportOf({ consumeRate: 10 / 3, secondsToDrain: null })
  assert.deepEqual(await json('/scale'), {
    code: 200,
    body: {
      lag: 600,
      consumeRate: 3.333,
      produceRate: 20,
      secondsToDrain: null,
      partitions: 12,
      wantedReplicas: 6,
      scalingLag: 600,
      hold: null,
      members: 3,
      replicas: 3,
      at: '1970-01-01T00:17:38.000Z',
      ageSeconds: 2,
      advice: [],
    },
  })
})

test('with a group of its own, /lag and /scale show each group, and the most that is wanted', async (context) => {
  const group = 'app.slack'
  const slow = scalingReportOf({ lag: 9000, wantedReplicas: 12, scalingLag: 9000 })
  const scaling: ScalingReportSource = {
    report: () => slow,
    groups: () => [
      { id: 'app', isOwn: false, report: scalingReportOf() },
      { id: group, isOwn: true, report: slow },
    ],
  }
  const { state, json } = await serve(context, { scaling })
  become(state, { partitions: [partitionStatus({ group, lag: 9000 }), partitionStatus()] })
  const lag = await json('/lag')
  const rows = lag.body['partitions'] as Array<Record<string, unknown>>
  assert.deepEqual(
    rows.map((row) => [row['group'], row['topic'], row['lag']]),
    [
      [undefined, 'solana.transfers', 20],
      [group, 'solana.transfers', 9000],
    ],
  )
  const rest = { partitions: 12, members: 3, secondsToDrain: 60 }
  assert.deepEqual(lag.body['group'], { lag: 600, ...rest })
  assert.deepEqual(lag.body['groups'], [
    { group: 'app', lag: 600, ...rest },
    { group, lag: 9000, ...rest },
  ])
  const { body } = await json('/scale')
  assert.deepEqual([body['wantedReplicas'], body['scalingLag']], [12, 9000])
  const groups = body['groups'] as Array<Record<string, unknown>>
  assert.deepEqual(
    groups.map((one) => [one['group'], one['wantedReplicas']]),
    [
      ['app', 6],
      [group, 12],
    ],
  )
})

test('/scale answers 503 with the reason while the group is unknown', async (context) => {
  const { state, json } = await serve(context)
  state.scaling = { known: false, reason: 'no broker answers', advice: [] }
  const body = { error: 'not known', reason: 'no broker answers' }
  assert.deepEqual(await json('/scale'), { code: 503, body })
})

test('an unknown query string changes no answer', async (context) => {
  const { request } = await serve(context)
  for (const { path } of ENDPOINTS.filter((endpoint) => endpoint.path !== '/metrics')) {
    const plain = await (await request(path)).text()
    const response = await request(`${path}?x=1&y[]=<b>&__proto__=1`)
    assert.deepEqual([response.status, await response.text()], [200, plain], path)
  }
})

test('/lag totals: unknown is not 0, nothing assigned is', async (context) => {
  const { state, json } = await serve(context)
  const totals = async () => (await json('/lag')).body['totals']
  become(state, { partitions: [partitionStatus({ lag: null })] })
  assert.deepEqual(await totals(), { lag: null, partitions: 1, partitionsWithUnknownLag: 1 })
  become(state, { partitions: [] })
  assert.deepEqual(await totals(), { lag: 0, partitions: 0, partitionsWithUnknownLag: 0 })
})

test('the index lists the endpoints, as JSON or as a page, and each of them answers', async (context) => {
  const { json, request } = await serve(context)
  assert.deepEqual((await json('/')).body, { endpoints: ENDPOINTS })
  const page = await request('/', { headers: { accept: 'text/html,*/*' } })
  assert.match(page.headers.get('content-type') ?? '', /^text\/html/)
  const text = await page.text()
  for (const { path } of ENDPOINTS) {
    assert.ok(text.includes(`href="${path}"`))
    assert.equal((await request(path)).status, 200, path)
  }
})

test('an unknown path answers 404 with the endpoints', async (context) => {
  const { json } = await serve(context)
  assert.deepEqual(await json('/health?password=x'), {
    code: 404,
    body: { error: 'not found', endpoints: ENDPOINTS.map(({ path }) => path) },
  })
})

test('HEAD answers like GET without a body', async (context) => {
  const { state, request } = await serve(context)
  for (const { path } of ENDPOINTS) {
    const response = await request(path, { method: 'HEAD' })
    assert.deepEqual([response.status, await response.text()], [200, ''], path)
  }
  become(state, { state: 'draining' })
  assert.equal((await request('/readyz', { method: 'HEAD' })).status, 503)
  assert.equal((await request('/nowhere', { method: 'HEAD' })).status, 404)
})

test('only reads are allowed, and no body is accepted', async (context) => {
  const { request } = await serve(context)
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
    const body = method === 'OPTIONS' ? null : '{"a":1}'
    const response = await request('/healthz', { method, body })
    assert.equal(response.status, 405, method)
    assert.equal(response.headers.get('allow'), 'GET, HEAD')
    assert.equal(response.headers.get('connection'), 'close')
  }
})

test('an internal failure answers 500 without its message or stack, which are logged', async (context) => {
  const lines: unknown[] = []
  const log: Log = { ...silentLog, error: (fields) => lines.push(fields) }
  const error = new Error('secret inside')
  const metrics: Metrics = { contentType: 'text/plain', render: () => Promise.reject(error) }
  const { request } = await serve(context, { log, metrics })
  const response = await request('/metrics?token=abc')
  const text = await response.text()
  assert.equal(response.status, 500)
  assert.doesNotMatch(text, /secret|at /)
  assert.deepEqual(lines, [{ event: 'http.failed', path: '/metrics', error }])
})

test('an answer reveals nothing about the server and is not cacheable', async (context) => {
  const { request } = await serve(context)
  for (const path of ['/lag', '/nowhere', '/%zz']) {
    const { headers } = await request(path)
    assert.deepEqual([headers.get('server'), headers.get('x-powered-by')], [null, null])
    if (path !== '/%zz') assert.equal(headers.get('cache-control'), 'no-store')
  }
  assert.equal(await (await request('/%zz')).text(), '{"error":"bad request"}')
})

test('a port in use is one clear error that names the port and the key', async (context) => {
  const { port } = await serve(context)
  const { server } = build({ port })
  context.after(() => server.close())
  await assert.rejects(server.listen(), (error) => {
    assert.ok(error instanceof OccError)
    assert.equal(error.code, 'OCC_HTTP_PORT_IN_USE')
    assert.match(error.message, new RegExp(`${port}.*http\\.port`))
    return true
  })
})

test('close() ends despite kept-alive connections and incomplete requests', async () => {
  const { server } = build()
  const { port } = await server.listen()
  const closed = ['', 'GET /lag HTTP/1.1\r\nhost: x\r\n'].map((text) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write(text)
    return new Promise((resolve) => socket.on('close', resolve))
  })
  // Connections are accepted in order: after this answer the server has those two as well.
  const agent = new Agent({ keepAlive: true })
  const [response] = await once(get({ port, agent, path: '/lag' }), 'response')
  response.resume()
  await once(response, 'end')
  await server.close()
  await Promise.all(closed)
  agent.destroy()
  await server.close()
})

test('close() works on a server that never listened', async () => {
  await build().server.close()
})
