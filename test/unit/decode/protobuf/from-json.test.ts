import assert from 'node:assert/strict'
import test from 'node:test'
import protobuf from 'protobufjs'
import { encodeFromJson } from '../../../../src/decode/protobuf/from-json.ts'

const { root } = protobuf.parse(
  `syntax = "proto3"; package p;
   message Inner { bytes raw = 1; }
   message Outer { uint64 amount = 1; repeated Inner inner = 2; map<string, Inner> named = 3; }`,
  { keepCase: true },
)
const outer = root.lookupType('p.Outer')

test('JSON becomes the message: integers as text, bytes as base64', () => {
  const json = { amount: '18446744073709551615', inner: [{ raw: 'AP8K' }], named: { a: {} } }
  const decoded = outer.decode(encodeFromJson(outer, json))
  assert.deepEqual(outer.toObject(decoded, { longs: String, bytes: String }), json)
})

test('a field that the schema does not have is named, wherever it is', () => {
  const wrong = (json: unknown) => () => encodeFromJson(outer, json)
  assert.throws(wrong({ amont: 1 }), /not a p\.Outer: the schema has no field amont/)
  assert.throws(wrong({ inner: [{ row: 'AA==' }] }), /the schema has no field inner\.row/)
  assert.throws(wrong({ named: { a: { row: 1 } } }), /the schema has no field named\.row/)
  assert.throws(wrong([1]), /it is not a JSON object/)
})
