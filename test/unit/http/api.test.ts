import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import type { ApplyOrder, OffsetsControl } from '../../../src/group/offsets/control.ts'
import type { MoveOrder } from '../../../src/group/offsets/types.ts'
import type { AcceptedToken } from '../../../src/http/admin-guard.ts'
import { OccError } from '../../../src/kernel/errors.ts'
import { createCapturedLog } from '../../support/captured-log.ts'
import { noOffsets, serve as serveWith } from './serve.ts'

const OPERATOR = 'a-token-that-nobody-guesses'
const READER = 'another-one-nobody-guesses'
const TOKENS: AcceptedToken[] = [
  { name: 'operator', right: 'operate', token: OPERATOR },
  { name: 'reader', right: 'read', token: READER },
]
const MOVE = { topic: 'a', partition: 0, offset: 3, committed: 9, move: null }

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, object>>>>
}

/** A service with a group whose offsets answer as the test says. */
async function serve(
  t: TestContext,
  tokens = TOKENS,
  control: Partial<OffsetsControl> = {},
  rate = { perSecond: 1_000, burst: 1_000 },
) {
  const log = createCapturedLog()
  const asked: unknown[] = []
  const all: OffsetsControl = {
    read: async (topics) => {
      asked.push(['read', topics])
      return { group: 'transfers', members: 0, table: null, partitions: [] }
    },
    plan: async (selection, target) => {
      asked.push(['plan', selection, target])
      return { group: 'transfers', members: 0, table: null, partitions: [], left: [] }
    },
    apply: async (order: ApplyOrder) => {
      asked.push(['apply', order])
      const applied = [{ topic: 'a', partition: 0, before: 9, offset: 3 }]
      const undo = { group: 'transfers', at: '', partitions: [] }
      return { id: 'x', applied, refused: [], undo }
    },
    close: async () => {},
    ...control,
  }
  const { request } = await serveWith(t, {
    log,
    rate,
    admin: {
      readTokens: () => tokens,
      knows: () => ({ pauses: [], topics: ['a'], handlers: [], partitionsOf: () => null }),
      pause: async (order) => {
        asked.push(['pause', order])
        return { before: [], after: [] }
      },
      resume: async (order) => {
        asked.push(['resume', order])
        return { before: [], after: [] }
      },
    },
    offsets: {
      ...noOffsets,
      groups: ['transfers', 'transfers.slack'],
      withControl: (_, work) => work(all),
      target: (text) => (text === 'end' ? { kind: 'end' } : `${text} is not understood`),
      async move(order: MoveOrder) {
        asked.push(['move', order.id])
        return [{ topic: 'a', partition: 0, before: 9, reason: null }]
      },
    },
  })
  return {
    asked,
    log,
    async send(method: string, path: string, token: string | null = OPERATOR, body?: unknown) {
      const type = body === undefined ? {} : { 'content-type': 'application/json' }
      const response = await request(`/api/v1${path}`, {
        method,
        headers: { ...(token !== null && { authorization: `Bearer ${token}` }), ...type },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      const answer = (await response.json()) as Record<string, unknown>
      const type_ = response.headers.get('content-type') ?? ''
      if (response.status >= 400) assert.match(type_, /^application\/problem\+json/)
      return { status: response.status, answer, headers: response.headers }
    },
  }
}

const committed = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../docs/openapi.json'), 'utf8'),
) as Document

test('the document is served, and it is the one in docs/', async (t) => {
  const { send } = await serve(t)
  const { status, answer } = await send('GET', '/openapi.json', READER)
  assert.equal(status, 200)
  assert.deepEqual(answer, committed)
})

test('nobody gets in without a token, and a reader changes nothing', async (t) => {
  const { send, asked } = await serve(t)
  const off = await serve(t, [])
  const open = '/status'
  assert.equal((await send('GET', open, null)).status, 200)
  assert.equal((await off.send('GET', open, null)).status, 200)
  const all = Object.entries(committed.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => [method.toUpperCase(), path.slice('/api/v1'.length)]),
  )
  const routes = all.filter(([, path]) => path !== open)
  assert.ok(routes.length >= 6)
  for (const [method = '', path = ''] of [...routes, ['GET', '/openapi.json'], ['GET', '/none']]) {
    const body = method === 'GET' ? undefined : {}
    assert.equal((await send(method, path, null, body)).status, 401, `${method} ${path}`)
    assert.equal((await off.send(method, path, OPERATOR, body)).status, 404)
    if (method === 'GET') continue
    const { status, answer } = await send(method, path, READER, body)
    assert.equal(status, 403)
    assert.match(String(answer['detail']), /may only read/)
  }
  assert.deepEqual([asked, off.asked], [[], []])
  // A wrong one, and what is limited after that, look alike from outside.
  assert.equal((await send('GET', '/state', `${READER}x`)).status, 401)
})

test('a plan is asked for, and applied with what it was made for; each change is in the audit log', async (t) => {
  const { send, asked, log } = await serve(t)
  const chosen = { topics: ['a'], partitions: [0], to: 'end' }
  assert.equal((await send('PUT', '/offsets', OPERATOR, chosen)).status, 200)
  const applying = { plan: [MOVE], allowSkip: true }
  const { status, answer } = await send('PUT', '/offsets', OPERATOR, applying)
  assert.deepEqual([status, answer['id']], [200, 'x'])
  const order = {
    group: 'transfers',
    id: 'y',
    moves: [MOVE],
    deduplicates: false,
    allowsSkip: false,
  }
  assert.equal((await send('POST', '/offsets/moves', OPERATOR, order)).status, 200)
  assert.equal((await send('GET', '/offsets?topic=a,b', READER)).status, 200)
  assert.deepEqual(asked, [
    ['plan', { topics: ['a'], partitions: [0] }, { kind: 'end' }],
    ['apply', { partitions: [MOVE], allowsSkip: true, deduplicates: false }],
    ['move', 'y'],
    ['read', ['a', 'b']],
  ])
  const lines = log.lines.filter(({ fields }) => fields.event === 'admin.offsets-set')
  assert.deepEqual(
    lines.map(({ fields: { who, group, id, changes } }) => ({ who, group, id, changes })),
    ['x', 'y'].map((id) => ({
      who: 'operator',
      group: 'transfers',
      id,
      changes: [{ topic: 'a', partition: 0, before: 9, after: 3 }],
    })),
  )
  assert.ok(!JSON.stringify(log.lines).includes(OPERATOR))
})

test('nothing is chosen by leaving it out; what excludes each other is said', async (t) => {
  const { send, asked } = await serve(t)
  for (const [body, why] of [
    [{}, /either "to" or "offsets", or "plan"/],
    [{ to: 'end' }, /choose either "topics" or "allTopics"/],
    [{ to: 'end', topics: ['a'] }, /choose either "partitions" or "allPartitions"/],
    [{ to: 'end', allTopics: true, partitions: [0] }, /"partitions" belongs to "topics"/],
    [{ to: 'end', offsets: [], allTopics: true }, /either "to" or "offsets"/],
    [{ to: 'noon', topics: ['a'], allPartitions: true }, /noon is not understood/],
    [{ to: 'end', allTopics: true, allowSkip: true }, /first ask for the plan/],
    [{ plan: [MOVE], to: 'end' }, /"plan" and "to" exclude each other/],
    [{ plan: [] }, /names no partition/],
    [{ plan: [{ ...MOVE, offset: -1 }] }, /body\/plan\/0\/offset must be >= 0/],
    [{ plan: [{ ...MOVE, offset: 1.5 }] }, /must be integer/],
    [{ plan: [MOVE], more: 1 }, /must NOT have additional properties/],
    ['text', /must be object/],
  ] as const) {
    const { status, answer } = await send('PUT', '/offsets', OPERATOR, body)
    assert.equal(status, 400, JSON.stringify(body))
    assert.match(String(answer['detail']), why)
  }
  const { status } = await send('PUT', '/offsets', OPERATOR, { group: 'other', plan: [MOVE] })
  assert.equal(status, 404)
  assert.deepEqual(asked, [])
})

test('errors of the offsets are problems with their code, and never a stack', async (t) => {
  for (const [code, status] of [
    ['OCC_OFFSETS_MOVED', 409],
    ['OCC_OFFSETS_SKIP', 409],
    ['OCC_OFFSETS_CHOICE', 400],
    ['OCC_TOPIC_UNKNOWN', 404],
    ['OCC_BROKER_TIMEOUT', 503],
  ] as const) {
    const { send } = await serve(t, TOKENS, {
      read: () => Promise.reject(new OccError(code, 'this is why')),
    })
    const { answer, ...found } = await send('GET', '/offsets')
    assert.equal(found.status, status)
    assert.deepEqual(
      [answer['code'], answer['detail'], answer['type']],
      [code, 'this is why', 'about:blank'],
    )
  }
  const { send, log } = await serve(t, TOKENS, { read: () => Promise.reject(new Error('secret')) })
  const { status, answer } = await send('GET', '/offsets')
  assert.equal(status, 500)
  assert.ok(!JSON.stringify(answer).includes('secret'))
  assert.ok(log.lines.some(({ fields }) => fields.event === 'http.failed'))
})

test('unknown paths, methods and too large bodies are problems, too', async (t) => {
  const { send } = await serve(t)
  assert.equal((await send('GET', '/none')).status, 404)
  const { status, headers } = await send('DELETE', '/offsets')
  assert.deepEqual([status, headers.get('allow')], [405, 'GET, PUT'])
  const large = { plan: [MOVE], group: 'x'.repeat(1_100_000) }
  assert.equal((await send('PUT', '/offsets', OPERATOR, large)).status, 413)
})

test('each token has a rate of its own', async (t) => {
  const { send } = await serve(t, TOKENS, {}, { perSecond: 0.001, burst: 2 })
  const statuses = []
  for (let count = 0; count < 3; count++) {
    statuses.push((await send('GET', '/state', READER)).status)
  }
  assert.deepEqual(statuses, [200, 200, 429])
  assert.equal((await send('GET', '/state', OPERATOR)).status, 200)
})
