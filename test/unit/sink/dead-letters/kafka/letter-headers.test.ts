import assert from 'node:assert/strict'
import test from 'node:test'
import { OccError } from '../../../../../src/kernel/errors.ts'
import { headersFrom } from '../../../../../src/kernel/shapes/record.ts'
import {
  letterToHeaders,
  recordToLetter,
} from '../../../../../src/sink/dead-letters/kafka/letter-headers.ts'

test('a message of any length produces headers that a topic accepts', () => {
  const where = { topic: 't', partition: 0, offset: 1, timestamp: 0 }
  const record = { ...where, key: null, value: null, headers: undefined }
  const error = new OccError('OCC_HANDLER', 'x'.repeat(2_000_000))
  const letter = { record, error, handler: null, attempts: 1, failedAt: 0, redrives: 0, group: 'g' }
  const size = JSON.stringify(letterToHeaders(letter)).length
  assert.ok(size < 20_000, `${size} bytes of headers`)
})

test('headers with any name, null or not, are restored from a letter', () => {
  const where = { topic: 't', partition: 0, offset: 1, timestamp: 0, key: null, value: null }
  const headers = headersFrom([
    ['__proto__', Buffer.from('p')],
    ['constructor', null],
    ['many', [Buffer.from('x'), null]],
  ])
  const error = new OccError('OCC_HANDLER', 'x')
  const record = { ...where, headers }
  const letter = { record, error, handler: null, attempts: 1, failedAt: 0, redrives: 0, group: 'g' }
  const stored = recordToLetter({ ...where, headers: letterToHeaders(letter) })
  assert.deepEqual(stored?.record.headers, headers)
})

test('null headers in a letter of version 0.1, which could not send them, are restored', () => {
  const where = { topic: 't.dlq', partition: 0, offset: 1, timestamp: 0, key: null, value: null }
  const written = headersFrom([
    ['none', Buffer.alloc(0)],
    ['some', [Buffer.from('x'), Buffer.alloc(0)]],
    ['original_topic', 't'],
    ['original_offset', '1'],
    ['failed_at', new Date(0).toISOString()],
    ['occ-null-headers', '[["none",0],["some",1]]'],
  ])
  const { headers } = recordToLetter({ ...where, headers: written })?.record ?? {}
  assert.deepEqual(
    headers,
    headersFrom([
      ['none', null],
      ['some', [Buffer.from('x'), null]],
    ]),
  )
})
