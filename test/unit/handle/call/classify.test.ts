import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import test from 'node:test'
import { classify } from '../../../../src/handle/call/classify.ts'
import type { ErrorFault } from '../../../../src/handle/call/error-rules.ts'
import { CodedError } from '../../../../src/kernel/errors.ts'

const withFields = (fields: object, error: Error = new Error('x')) => Object.assign(error, fields)
const status = (number: number) => withFields({ status: number })
const code = (text: string) => withFields({ code: text })

const cases: ReadonlyArray<readonly [string, unknown, ErrorFault]> = [
  ['a TypeError', new TypeError('x is not a function'), 'record'],
  ['a RangeError', new RangeError('x'), 'record'],
  ['a ReferenceError', new ReferenceError('x'), 'record'],
  ['a SyntaxError', new SyntaxError('x'), 'record'],
  ['a TypeError of another realm', withFields({ name: 'TypeError' }), 'record'],
  ['an error that extends TypeError', new (class Odd extends TypeError {})('x'), 'record'],
  ['a network code in a cause', new Error('x', { cause: code('EPIPE') }), 'world'],
  ['a TypeError of fetch', new TypeError('fetch failed', { cause: new Error('?') }), 'world'],
  ['an URL that is none', new TypeError('x', { cause: new TypeError('Invalid URL') }), 'record'],
  ['the status of got', withFields({ response: { statusCode: 422 } }), 'record'],
  ['the status of AWS', withFields({ $metadata: { httpStatusCode: 503 } }), 'world'],
  [
    'the status of axios, not its code',
    withFields({ code: 'ERR_BAD_REQUEST', response: { status: 422 } }),
    'record',
  ],
  [
    'the status of undici, not its code',
    withFields({ code: 'UND_ERR_RESPONSE', statusCode: 422 }),
    'record',
  ],
  ['a status that is none', withFields({ status: 200 }, new TypeError('x')), 'record'],
  ['a thrown Response of fetch', new Response(null, { status: 401 }), 'world'],
  ['429 in a cause', new Error('x', { cause: status(429) }), 'limit'],
  ['429, whatever else it says', withFields({ status: 429, retriable: false }), 'limit'],
  ['a timeout', new DOMException('x', 'TimeoutError'), 'world'],
  ['an abort', new DOMException('x', 'AbortError'), 'world'],
  ['several, one of the network', new AggregateError([new TypeError(), code('EPIPE')]), 'world'],
  ['several, one of them 429', new AggregateError([new TypeError(), status(429)]), 'limit'],
  ["several, all the record's", new AggregateError([new TypeError(), status(400)]), 'record'],
  ['an OccError', new CodedError('OCC_X', 'x'), 'record'],
  ['a retriable OccError', new CodedError('OCC_X', 'x', { retriable: true }), 'world'],
  ['a sink that is down', new CodedError('OCC_EMIT', 'x', { retriable: true }), 'limit'],
  ['the same in a cause', new Error('x', { cause: code('OCC_EMIT') }), 'limit'],
  ['a row that the sink refuses', new CodedError('OCC_EMIT_ROW', 'x'), 'record'],
  ['retriable said', withFields({ retriable: true }, new TypeError('x')), 'world'],
  ['not retriable said', withFields({ retriable: false, code: 'ECONNRESET' }), 'record'],
  ['what JSON.stringify of a bigint throws', thrownBy(() => JSON.stringify({ a: 1n })), 'record'],
  ['a column that PostgreSQL does not know', code('42703'), 'world'],
  ['an Error', new Error('x'), 'world'],
  ['a text', 'x', 'world'],
  ['nothing', undefined, 'world'],
  ...[400, 409, 410, 411, 413, 414, 415, 422].map(
    (number) => [`status ${number}`, status(number), 'record'] as const,
  ),
  ...[401, 403, 404, 405, 407, 408, 421, 423, 425, 402, 451, 500, 501, 503, 504, 507, 599].map(
    (number) => [`status ${number}`, status(number), 'world'] as const,
  ),
  ...['22P02', '22001', '23505', '23502'].map(
    (state) => [`SQLSTATE ${state}`, code(state), 'record'] as const,
  ),
  ...['08006', '25006', '28P01', '53300', '55P03', '57P01', '40001', '25001'].map(
    (state) => [`SQLSTATE ${state}`, code(state), 'world'] as const,
  ),
  ...[
    ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'UND_ERR_SOCKET'],
    ...['ENOTFOUND', 'EAI_AGAIN', 'ESERVFAIL', 'EPROTO', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ...['CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ].map(
    (text) =>
      [
        `a TypeError with ${text}`,
        withFields({ code: text }, new TypeError('x')),
        'world',
      ] as const,
  ),
]

function thrownBy(act: () => unknown): unknown {
  try {
    return act()
  } catch (error) {
    return error
  }
}

for (const [what, error, expected] of cases) {
  test(`${what}: ${expected}`, () => assert.equal(classify(error).fault, expected))
}

test('classifying an error that is its own cause ends', () => {
  const error = new Error('x')
  error.cause = error
  assert.deepEqual(classify(error), { fault: 'world', after: null })
})

test('an error whose getters throw is still classified', () => {
  const error = {
    get status() {
      throw new Error('bug')
    },
  }
  assert.deepEqual(classify(error), { fault: 'world', after: null })
})

const NOW = Date.parse('2026-11-28T10:00:00Z')
const pauses: ReadonlyArray<readonly [string, object, number | null]> = [
  ['a plain object', { 'retry-after': '7' }, 7_000],
  ['any case, a number', { 'Retry-After': 7 }, 7_000],
  ['a list of values', { 'retry-after': ['7', '9'] }, 7_000],
  ['Headers of fetch', new Headers({ 'Retry-After': '7' }), 7_000],
  ['a Map', new Map([['retry-after', '7']]), 7_000],
  ['a flat list', ['Server', 'x', 'Retry-After', '7'], 7_000],
  ['pairs', [['Retry-After', '7']], 7_000],
  ['a date', { 'retry-after': 'Sat, 28 Nov 2026 10:00:30 GMT' }, 30_000],
  ['a date that is over', { 'retry-after': 'Sat, 28 Nov 2026 09:00:00 GMT' }, 0],
  ['milliseconds', { 'retry-after-ms': '250', 'retry-after': '1' }, 250],
  ['nonsense', { 'retry-after': 'soon' }, null],
  ['nothing', { server: 'x' }, null],
]

for (const [what, headers, expected] of pauses) {
  test(`Retry-After, ${what}`, () => {
    const places = [{ headers }, { response: { headers } }, { res: { headers } }]
    const errors = places.map((fields) => withFields({ status: 503, ...fields }))
    const all = [...errors, new Error('x', { cause: errors[0] })]
    for (const error of all) assert.equal(classify(error, NOW).after, expected)
  })
}

test("the record's own error has no pause, whatever the response said", () => {
  const error = withFields({ status: 400, headers: { 'retry-after': '7' } })
  assert.equal(classify(error, NOW).after, null)
})

test('an error of fetch without a server is an outside fault', async () => {
  const server = createServer().listen(0)
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  await assert.rejects(fetch(`http://127.0.0.1:${port}`), (error) => {
    assert.ok(error instanceof TypeError)
    assert.equal(classify(error).fault, 'world')
    return true
  })
})

test("what fetch throws for a wrong URL is the record's own fault", async () => {
  await assert.rejects(fetch('nonsense'), (error) => classify(error).fault === 'record')
})
