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

test('a value of another type is named, and not written as a zero', () => {
  const { root: types } = protobuf.parse(
    `syntax = "proto3"; package p; enum E { ZERO = 0; ONE = 1; }
     message All { int32 i = 1; uint64 u = 2; bool flag = 3; string s = 4; bytes b = 5; double d = 6; repeated E e = 7;
       map<int64, uint32> m = 8; All in = 9; oneof one { string x = 10; fixed32 y = 11; } repeated bool l = 12; }`,
    { keepCase: true },
  )
  const all = types.lookupType('p.All')
  const fitting = [
    { i: -5, u: '18446744073709551615', flag: true, s: '', b: 'AP8=', d: 1.5, l: [true, false] },
    { d: '100000000000000000000' },
    { i: '-2147483648', d: '-Infinity', e: ['ONE', 0, 9], m: { '-1': 4294967295 }, y: 4294967295 },
    { in: { in: { i: 1 } }, s: null, u: 2 ** 53 },
  ]
  for (const json of fitting) encodeFromJson(all, json)
  const cases: ReadonlyArray<[object, RegExp]> = [
    [{ i: 'abc' }, /^not a p\.All: i is not of the type int32$/],
    [{ i: 2 ** 31 }, /i is not of the type int32/],
    [{ i: 1.5 }, /i is not of the type int32/],
    [{ i: true }, /i is not of the type int32/],
    [{ in: { u: '18446744073709551616' } }, /in\.u is not of the type uint64/],
    [{ u: -1 }, /u is not of the type uint64/],
    [{ flag: 1 }, /flag is not of the type bool/],
    [{ s: 5 }, /s is not of the type string/],
    [{ b: 'not base64!' }, /b is not of the type bytes/],
    [{ b: 5 }, /b is not of the type bytes/],
    [{ d: 'x' }, /d is not of the type double/],
    [{ e: ['NONE'] }, /e is not of the type E/],
    [{ e: 'ONE' }, /e is not a list/],
    [{ e: [null] }, /e is not of the type E/],
    [{ m: { a: 1 } }, /the key a of m is not of the type int64/],
    [{ m: { 1: 'x' } }, /m is not of the type uint32/],
    [{ m: [1] }, /m is not an object/],
    [{ in: 5 }, /in is not an object/],
    [{ x: 'a', y: 1 }, /only one of x and y can be set/],
  ]
  for (const [json, message] of cases) assert.throws(() => encodeFromJson(all, json), { message })
})
