import assert from 'node:assert/strict'
import test from 'node:test'
import { OccError as HandlersError } from '../../../src/handle/api/public.ts'
import { CodedError, OccError, toOccError } from '../../../src/kernel/errors.ts'

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

test('a code that is not in the list does not compile, except for handlers and tools', () => {
  // @ts-expect-error: misspelled
  assert.equal(new OccError('OCC_DEADLIME', '').code, 'OCC_DEADLIME')
  for (const Foreign of [CodedError, HandlersError]) {
    const error = new Foreign('OCC_TOO_POOR', 'No funds')
    assert.ok(error instanceof OccError)
    assert.deepEqual([error.name, error.code], ['OccError', 'OCC_TOO_POOR'])
  }
})
