import assert from 'node:assert/strict'
import test from 'node:test'
import protobuf from 'protobufjs'
import { decoderOf, folderOf, messageOf } from './support.ts'

const schema = `syntax = "proto3";
package t;
import "google/protobuf/timestamp.proto";
enum Kind { NONE = 0; ONE = 1; }
message Integers {
  uint64 a = 1; int64 b = 2; sint64 c = 3; fixed64 d = 4; sfixed64 e = 5;
  repeated uint64 list = 6; map<uint64, int64> map = 7; optional uint64 present = 8;
}
message All {
  double double = 1; float float = 2; int32 int32 = 3; uint32 uint32 = 4; sint32 sint32 = 5;
  fixed32 fixed32 = 6; sfixed32 sfixed32 = 7; bool bool = 8; string string = 9; bytes bytes = 10;
  Kind kind = 11; repeated Kind kinds = 12; repeated string texts = 13; All inner = 14;
  map<string, All> named = 15; oneof choice { string left = 16; int32 right = 17; }
  google.protobuf.Timestamp time = 18;
  repeated bytes blobs = 19; int32 snake_case = 20;
}
`

const rules = [
  { pattern: 'all', format: 'protobuf', message: 't.All' },
  { pattern: 'integers', format: 'protobuf', message: 't.Integers' },
]

function write(): protobuf.Writer {
  return protobuf.Writer.create()
}

const bytes = (writer: protobuf.Writer) => Buffer.from(writer.finish())

test('64-bit integers of every type are exact: numbers below 2^53, text beyond', (t) => {
  const decoder = decoderOf(folderOf(t, { 'a.proto': schema }), rules)
  const limits = [
    0n,
    1n,
    127n,
    128n,
    2n ** 31n,
    2n ** 32n - 1n,
    2n ** 32n,
    2n ** 53n - 1n,
    2n ** 53n,
  ]
  const unsigned = [...limits, 2n ** 53n + 1n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n]
  const signed = [...limits, 2n ** 63n - 1n].flatMap((value) => [value, -value])
  const shown = (value: bigint) =>
    value >= -(2n ** 53n) + 1n && value <= 2n ** 53n - 1n ? Number(value) : String(value)
  for (const value of unsigned) {
    const text = String(value)
    const document = messageOf(
      decoder,
      'integers',
      bytes(write().uint32(8).uint64(text).uint32(33).fixed64(text).uint32(48).uint64(text)),
    ).document
    const own = value === 0n ? {} : { a: shown(value), d: shown(value) }
    assert.deepEqual(document, { ...own, list: [shown(value)] })
  }
  for (const value of [...signed, -(2n ** 63n)]) {
    const text = String(value)
    const document = messageOf(
      decoder,
      'integers',
      bytes(write().uint32(16).int64(text).uint32(24).sint64(text).uint32(41).sfixed64(text)),
    ).document
    assert.deepEqual(
      document,
      value === 0n ? {} : { b: shown(value), c: shown(value), e: shown(value) },
    )
  }
})

test('lists packed and not, maps with missing parts, and what is present although it is zero', (t) => {
  const decoder = decoderOf(folderOf(t, { 'a.proto': schema }), rules)
  const entry = (writer: protobuf.Writer) => write().uint32(58).bytes(writer.finish()).finish()
  const value = Buffer.concat([
    write().uint32(50).fork().uint64(1).uint64('18446744073709551615').ldelim().finish(),
    write().uint32(48).uint64(7).finish(),
    entry(write().uint32(8).uint64('18446744073709551615').uint32(16).int64(-1)),
    entry(write().uint32(8).uint64(5)),
    write().uint32(64).uint64(0).finish(),
  ])
  assert.deepEqual(messageOf(decoder, 'integers', value).document, {
    list: [1, '18446744073709551615', 7],
    map: { '18446744073709551615': -1, 5: 0 },
    present: 0,
  })
})

test('everything else is as in the JSON of Protocol Buffers; what is absent is left out', (t) => {
  const folder = folderOf(t, { 'a.proto': schema })
  const { root } = protobuf.parse(schema.replace(/import.*\n|.*Timestamp.*\n/g, ''), {
    keepCase: true,
  })
  const type = root.lookupType('t.All')
  const message = type.fromObject({
    double: Number.NaN,
    float: Number.NEGATIVE_INFINITY,
    int32: -5,
    uint32: 4_294_967_295,
    sint32: -6,
    fixed32: 7,
    sfixed32: -8,
    bool: true,
    string: 'a\u0000\u{1f600}',
    bytes: Buffer.from([0, 255]),
    kind: 'ONE',
    kinds: [1, 0, 9],
    texts: ['', 'x'],
    inner: { string: '__proto__', inner: {} },
    named: { ['__proto__']: { int32: 1 }, key: {} },
    right: 0,
    snake_case: 3,
  })
  const { document } = messageOf(
    decoderOf(folder, rules),
    'all',
    Buffer.from(type.encode(message).finish()),
  )
  assert.equal(
    JSON.stringify(document),
    JSON.stringify({
      double: 'NaN',
      float: '-Infinity',
      int32: -5,
      uint32: 4_294_967_295,
      sint32: -6,
      fixed32: 7,
      sfixed32: -8,
      bool: true,
      string: 'a\u0000\u{1f600}',
      bytes: 'AP8=',
      kind: 'ONE',
      kinds: ['ONE', 'NONE', 9],
      texts: ['', 'x'],
      inner: { string: '__proto__', inner: {} },
      named: { key: {} },
      right: 0,
      snake_case: 3,
    }).replace('"key":{}', '"__proto__":{"int32":1},"key":{}'),
  )
})
