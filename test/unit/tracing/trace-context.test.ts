import assert from 'node:assert/strict'
import test from 'node:test'
import type { RecordHeader } from '../../../src/kernel/shapes/record.ts'
import { broughtBy, headersOf, spanContextOf } from '../../../src/tracing/trace-context.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const SPAN = 'b7ad6b7169203331'
const VALID = `00-${TRACE}-${SPAN}-01`

const brought = (traceparent: RecordHeader, tracestate?: RecordHeader) =>
  broughtBy({ headers: { traceparent, ...(tracestate !== undefined && { tracestate }) } })

test('a record brings what W3C Trace Context allows, and of several headers the last', () => {
  assert.deepEqual(brought(Buffer.from(VALID)), { traceparent: VALID })
  assert.deepEqual(brought(['other', Buffer.from(VALID)], 'a=1'), {
    traceparent: VALID,
    tracestate: 'a=1',
  })
  // A version to come may append to it.
  const later = `01-${TRACE}-${SPAN}-01-more`
  assert.deepEqual(brought(later), { traceparent: later })
  assert.equal(broughtBy({ headers: undefined }), null)
  assert.equal(broughtBy({ headers: {} }), null)
})

for (const [what, header] of [
  ['a header without a value', null],
  ['no ids', '00'],
  ['upper case', VALID.toUpperCase()],
  ['a trace id of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
  ['a span id of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
  ['the version that is none', `ff-${TRACE}-${SPAN}-01`],
  ['more than version 00 has', `${VALID}-more`],
  ['a header of 100 kB', `${`01${VALID.slice(2)}`}-${'x'.repeat(100_000)}`],
] as const) {
  test(`${what} is no trace, and is not passed on`, () => assert.equal(brought(header), null))
}

test('what no header of HTTP may hold is not passed on: a webhook could not be sent', () => {
  for (const text of ['a=1\nb=2', 'a=\u0000', 'a=\u0100', 'a=\u00e9']) {
    assert.deepEqual(brought(VALID, Buffer.from(text)), { traceparent: VALID })
  }
  const later = `01-${TRACE}-${SPAN}-01-`
  for (const more of ['\u0100', '\u0001']) assert.equal(brought(Buffer.from(later + more)), null)
})

test('a tracestate of more than 512 characters is left out', () => {
  assert.deepEqual(brought(VALID, 'a='.padEnd(513, '1')), { traceparent: VALID })
})

test('what is read is written again', () => {
  const context = spanContextOf({ traceparent: VALID, tracestate: 'a=1,b=2' })
  assert.ok(context)
  assert.deepEqual(headersOf(context), { traceparent: VALID, tracestate: 'a=1,b=2' })
})
