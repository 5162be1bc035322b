import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import test from 'node:test'
import { type Classification, classify } from '../../../src/handle/classify.ts'
import { CodedError } from '../../../src/kernel/errors.ts'

const withFields = (fields: object, error: Error = new Error('x')) => Object.assign(error, fields)

const cases: ReadonlyArray<readonly [string, unknown, Classification]> = [
  ['a TypeError', new TypeError('x is not a function'), 'permanent'],
  ['a RangeError', new RangeError('x'), 'permanent'],
  ['a ReferenceError', new ReferenceError('x'), 'permanent'],
  ['a SyntaxError', new SyntaxError('x'), 'permanent'],
  ['a network code', withFields({ code: 'ECONNREFUSED' }), 'retriable'],
  ['a code of undici', withFields({ code: 'UND_ERR_HEADERS_TIMEOUT' }), 'retriable'],
  [
    'a network code in a cause',
    new Error('x', { cause: withFields({ code: 'EPIPE' }) }),
    'retriable',
  ],
  ['a TypeError of fetch', new TypeError('fetch failed', { cause: new Error('?') }), 'unknown'],
  ['an URL that is none', new TypeError('x', { cause: new TypeError('Invalid URL') }), 'permanent'],
  ['status 404', withFields({ status: 404 }), 'permanent'],
  ['status 408', withFields({ status: 408 }), 'retriable'],
  ['status 425', withFields({ statusCode: 425 }), 'retriable'],
  ['status 429', withFields({ response: { status: 429 } }), 'retriable'],
  ['status 503', withFields({ $metadata: { httpStatusCode: 503 } }), 'retriable'],
  [
    'a timeout',
    AbortSignal.timeout(0).reason ?? new DOMException('x', 'TimeoutError'),
    'retriable',
  ],
  ['an abort', new DOMException('x', 'AbortError'), 'retriable'],
  [
    'several, one of the network',
    new AggregateError([new TypeError(), withFields({ code: 'EPIPE' })]),
    'retriable',
  ],
  ['several, all permanent', new AggregateError([new TypeError(), new RangeError()]), 'permanent'],
  ['an OccError', new CodedError('OCC_X', 'x'), 'permanent'],
  ['a retriable OccError', new CodedError('OCC_X', 'x', { retriable: true }), 'retriable'],
  ['retriable said', withFields({ retriable: true }, new TypeError('x')), 'retriable'],
  ['permanent said', withFields({ retriable: false, code: 'ECONNRESET' }), 'permanent'],
  ['an Error', new Error('x'), 'unknown'],
  ['a text', 'x', 'unknown'],
  ['nothing', undefined, 'unknown'],
]

for (const [what, error, expected] of cases) {
  test(`${what} is ${expected}`, () => assert.equal(classify(error), expected))
}

test('an error that is its own cause ends', () => {
  const error = new Error('x')
  error.cause = error
  assert.equal(classify(error), 'unknown')
})

test('what fetch really throws when nobody listens is retriable', async () => {
  const server = createServer().listen(0)
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  await assert.rejects(fetch(`http://127.0.0.1:${port}`), (error) => {
    assert.ok(error instanceof TypeError)
    assert.equal(classify(error), 'retriable')
    return true
  })
})

test('what fetch really throws for a wrong URL is permanent', async () => {
  await assert.rejects(fetch('nonsense'), (error) => classify(error) === 'permanent')
})
