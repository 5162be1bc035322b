import assert from 'node:assert/strict'
import test from 'node:test'
import { OccError } from '../../../../src/kernel/errors.ts'
import { letterToHeaders } from '../../../../src/sink/dead-letters/letter-headers.ts'

test('a message of any length makes headers that a topic takes', () => {
  const where = { topic: 't', partition: 0, offset: 1, timestamp: 0 }
  const record = { ...where, key: null, value: null, headers: undefined }
  const error = new OccError('OCC_HANDLER', 'x'.repeat(2_000_000))
  const letter = { record, error, handler: null, attempts: 1, failedAt: 0, redrives: 0 }
  const size = JSON.stringify(letterToHeaders(letter)).length
  assert.ok(size < 20_000, `${size} bytes of headers`)
})
