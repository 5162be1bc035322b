import assert from 'node:assert/strict'
import test from 'node:test'
import { OccError as HandlersError } from '../../../src/handle/api/public.ts'
import {
  apart,
  CodedError,
  codeOf,
  messageOf,
  OccError,
  together,
  toOccError,
} from '../../../src/kernel/errors.ts'

test('a thrown OccError is returned unchanged', () => {
  const error = new OccError('OCC_DEADLINE', 'too long')
  assert.equal(toOccError(error, 'OCC_BROKER', { message: 'another', retriable: true }), error)
})

test('anything else that was thrown becomes the cause of an error with the code', () => {
  const cause = new TypeError('x is not a function')
  const error = toOccError(cause, 'OCC_BROKER')
  assert.equal(error.cause, cause)
  assert.deepEqual(
    [error.code, error.message, error.retriable],
    ['OCC_BROKER', 'x is not a function', false],
  )
  const told = toOccError('text', 'OCC_BROKER', { message: 'Asking: text', retriable: true })
  assert.deepEqual([told.message, told.retriable, told.cause], ['Asking: text', true, 'text'])
})

test('of an error of TLS, the reason is told: no ids of OpenSSL, no advice for scripts', () => {
  const id = '40BD8A7A0D7F0000:error'
  for (const [text, told] of [
    [
      `write EPROTO ${id}:0A00010B:SSL routines:tls_validate_record_header:wrong version number:../deps/openssl/ssl/record/tlsany_meth.c:77:\n`,
      'write EPROTO: wrong version number',
    ],
    [
      `${id}:0A000412:SSL routines:ssl3_read_bytes:ssl/tls alert bad certificate:../ssl/rec_layer_s3.c:918:SSL alert number 42\n`,
      'ssl/tls alert bad certificate',
    ],
    [
      'self-signed certificate; if the root CA is installed locally, try running Node.js with --use-system-ca',
      'self-signed certificate',
    ],
  ] as const) {
    assert.equal(messageOf(new Error(text)), told)
  }
})

test('several errors are one with all messages, and come apart again; what was thrown does not', () => {
  const errors = ['a', 'b'].map((text) => new OccError('OCC_HANDLER_LOAD', text))
  const all = together('OCC_HANDLER_LOAD', errors)
  assert.equal(all.message, 'a\nb')
  assert.deepEqual(apart(all), errors)
  const [first] = errors
  assert.ok(first)
  assert.equal(together('OCC_HANDLER_LOAD', [first]), first)
  const refused = new OccError('OCC_HANDLER_OPEN', 'x', { cause: new AggregateError(errors) })
  assert.deepEqual(apart(refused), [refused])
})

test('an error without a message is told by the errors in it, or by its code', () => {
  const connects = [
    new Error('connect ECONNREFUSED ::1:5432'),
    new Error('connect ECONNREFUSED 127.0.0.1:5432'),
  ]
  const refused = Object.assign(new AggregateError(connects), { code: 'ECONNREFUSED' })
  assert.equal(
    messageOf(refused),
    'connect ECONNREFUSED ::1:5432, connect ECONNREFUSED 127.0.0.1:5432',
  )
  assert.equal(messageOf(Object.assign(new Error(''), { code: 'EPIPE' })), 'EPIPE')
})

test('what cannot be read has a message, too', () => {
  const unreadable = Object.defineProperty(new Error('x'), 'code', {
    get() {
      throw new Error('not yours')
    },
  })
  assert.equal(messageOf(Object.create(null)), 'what was thrown cannot be read')
  assert.equal(codeOf(unreadable), 'UNKNOWN')
})

test('a message that is no text becomes one', () => {
  const withMessage = (message: unknown) => Object.assign(new Error('x'), { message })
  assert.equal(messageOf(withMessage({ code: 7 })), '{"code":7}')
  assert.equal(messageOf(withMessage(undefined)), 'Error')
})

test('a code that is not in the list does not compile, except for handlers and tools', () => {
  // @ts-expect-error: misspelled
  assert.equal(new OccError('OCC_DEADLIME', '').code, 'OCC_DEADLIME')
  for (const Foreign of [CodedError, HandlersError]) {
    const error = new Foreign('OCC_TOO_POOR', 'No funds')
    assert.ok(error instanceof OccError)
    assert.deepEqual([error.name, error.code], ['OccError', 'OCC_TOO_POOR'])
  }
})
