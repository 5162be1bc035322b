import assert from 'node:assert/strict'
import test from 'node:test'
import { createAvroEncoder } from '../../../../dev/synthetic/avro.ts'
import { createAvroDecoder } from '../../../../src/decode/avro/decode.ts'
import { fuzz } from '../../../support/random.ts'

const record = (fields: object, name = 'Thing') =>
  JSON.stringify({
    type: 'record',
    name,
    namespace: 'test',
    fields: Object.entries(fields).map(([field, type]) => ({ name: field, type })),
  })

const TREE = record({
  id: 'long',
  name: 'string',
  bytes: 'bytes',
  mood: { type: 'enum', name: 'Mood', symbols: ['GOOD', 'BAD'] },
  hash: { type: 'fixed', name: 'Hash', size: 4 },
  share: 'double',
  isGood: 'boolean',
  note: ['null', 'string'],
  tags: { type: 'array', items: 'string' },
  counts: { type: 'map', values: 'long' },
  next: ['null', 'Thing'],
})

const leaf = {
  id: '9223372036854775807',
  name: 'a\u0000b😀',
  bytes: 'AAEC/w==',
  mood: 'BAD',
  hash: '3q2+7w==',
  share: 0.5,
  isGood: true,
  note: null,
  tags: ['x', ''],
  counts: { one: 1, big: '-9223372036854775808' },
  next: null,
}

test('a document has every value of its record: unions unwrapped, bytes base64, integers exact', () => {
  const tree = { ...leaf, id: -5, note: 'n', next: { ...leaf, tags: [] } }
  const read = createAvroDecoder(TREE)
  assert.deepEqual(read(createAvroEncoder(TREE)(tree)), tree)
})

test('2^53 is the first integer that is text, in both directions', () => {
  const read = createAvroDecoder('"long"')
  const write = createAvroEncoder('"long"')
  for (const value of [0, -1, 2 ** 53 - 1, 1 - 2 ** 53]) assert.equal(read(write(value)), value)
  for (const value of ['9007199254740992', '-9007199254740992', '-9223372036854775808']) {
    assert.equal(read(write(value)), value)
  }
})

test('a key or a field named __proto__ is only a name', () => {
  const schema = record({ __proto__: 'long', map: { type: 'map', values: 'int' } }).replace(
    '"fields":[',
    '"fields":[{"name":"__proto__","type":"long"},',
  )
  const key = Buffer.from('__proto__')
  const bytes = Buffer.from([2, 2, key.length * 2, ...key, 4, 0])
  const document = createAvroDecoder(schema)(bytes)
  assert.equal(JSON.stringify(document), '{"__proto__":1,"map":{"__proto__":2}}')
  assert.equal(Object.getPrototypeOf(document), Object.prototype)
})

test('blocks with a negative count, which say how long they are, are read', () => {
  const read = createAvroDecoder('{"type":"array","items":"int"}')
  assert.deepEqual(read(Buffer.from([3, 4, 2, 4, 2, 6, 0])), [1, 2, 3])
})

test('what is not exactly such a value is refused with the reason', () => {
  const read = createAvroDecoder(TREE)
  const good = createAvroEncoder(TREE)(leaf)
  const cases: ReadonlyArray<readonly [Buffer, RegExp]> = [
    [good.subarray(0, -3), /not a test\.Thing: it is truncated or damaged/],
    [Buffer.concat([good, Buffer.alloc(2)]), /not a test\.Thing: 2 bytes follow it/],
    [Buffer.alloc(0), /truncated/],
  ]
  for (const [bytes, message] of cases) {
    assert.throws(() => read(bytes), { code: 'OCC_AVRO_INVALID', message })
  }
  const notText = createAvroDecoder('"string"')
  assert.throws(() => notText(Buffer.from([2, 0xff])), { message: /a text that is not UTF-8/ })
  assert.throws(() => createAvroDecoder('"int"')(Buffer.from([0xfe, 0xff, 0xff, 0xff, 0xff, 1])), {
    message: /an int of/,
  })
})

test('a few bytes cannot ask for endless work, memory or depth', () => {
  // 2^40 items of no bytes.
  const endless = Buffer.from([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01, 0])
  for (const items of ['null', 'long'].map((one) => JSON.stringify(one))) {
    const read = createAvroDecoder(`{"type":"array","items":${items}}`)
    assert.throws(() => read(endless), { code: 'OCC_AVRO_INVALID' })
  }
  // 40,000 records of 50 fields that have no bytes: two million values.
  const empty = Array.from({ length: 50 }, (_, index) => [`field${index}`, 'null'])
  const wide = createAvroDecoder(`{"type":"array","items":${record(Object.fromEntries(empty))}}`)
  assert.throws(() => wide(Buffer.from([0x80, 0xf1, 0x04, 0])), { message: /parts/ })
  const read = createAvroDecoder(record({ next: ['null', 'Thing'] }))
  assert.throws(() => read(Buffer.alloc(100_000, 2)), { message: /more than 100 levels/ })
  assert.throws(() => createAvroDecoder('"bytes"')(endless), { message: /truncated/ })
})

test('damaged values are the same value, another one, or refused: never a hang or another error', () => {
  const read = createAvroDecoder(TREE)
  const good = createAvroEncoder(TREE)({ ...leaf, next: leaf })
  let refused = 0
  const rounds = fuzz('avro', 300, (random) => {
    const bytes = Buffer.from(good).subarray(
      0,
      random.chance(0.3) ? random(good.length) : undefined,
    )
    for (let flips = random(4) + 1; flips > 0 && bytes.length > 0; flips--) {
      const at = random(bytes.length)
      bytes[at] = (bytes[at] as number) ^ (1 << random(8))
    }
    try {
      JSON.stringify(read(bytes))
    } catch (error) {
      refused += 1
      assert.equal(Reflect.get(error as object, 'code'), 'OCC_AVRO_INVALID')
    }
  })
  assert.ok(refused > rounds / 4)
})

test('schemas refer to others by name, and defaults that only readers need are ignored', () => {
  const other = record({ x: 'int' }, 'Other')
  const read = createAvroDecoder(
    record({ other: 'test.Other', list: { type: 'array', items: 'Other' } }),
    [other],
  )
  assert.deepEqual(read(Buffer.from([2, 2, 4, 0])), { other: { x: 1 }, list: [{ x: 2 }] })
  const odd = JSON.stringify({
    type: 'record',
    name: 'R',
    fields: [{ name: 'a', type: ['null', 'string'], default: 'not of the first branch' }],
  })
  assert.deepEqual(createAvroDecoder(odd)(Buffer.from([0])), { a: null })
  assert.throws(() => createAvroDecoder('{"type":"record"'), /it is not JSON/)
  assert.throws(() => createAvroDecoder('{"type":"wrong"}'), /wrong/)
})
