import assert from 'node:assert/strict'
import test from 'node:test'
import { createAvroDecoder } from '../../../../src/decode/avro/decode.ts'
import { createAvroEncoder } from '../../../../src/decode/avro/encode.ts'

/** What is written of a document, and read of it. */
function again(schema: unknown, document: unknown) {
  const text = JSON.stringify(schema)
  return createAvroDecoder(text)(createAvroEncoder(text)(document))
}

test('a value of each type has the bytes of the specification', () => {
  const written = (schema: unknown, document: unknown) =>
    createAvroEncoder(JSON.stringify(schema))(document).toString('hex')
  // The examples of the specification's chapter on binary encoding.
  for (const [value, hex] of [
    [0, '00'],
    [-1, '01'],
    [1, '02'],
    [-2, '03'],
    [-64, '7f'],
    [64, '8001'],
  ] as const) {
    assert.equal(written('int', value), hex)
    assert.equal(written('long', String(value)), hex)
  }
  assert.equal(written('string', 'foo'), '06666f6f')
  const fields = [
    { name: 'a', type: 'long' },
    { name: 'b', type: 'string' },
  ]
  assert.equal(written({ type: 'record', name: 'r', fields }, { a: 27, b: 'foo' }), '3606666f6f')
  assert.equal(written({ type: 'array', items: 'long' }, [3, 27]), '04063600')
  assert.equal(written(['null', 'string'], null), '00')
  assert.equal(written(['null', 'string'], 'a'), '020261')
  assert.equal(written('boolean', true), '01')
})

test('documents are read as they were written: integers, times and decimals with all their digits', () => {
  const logical = (type: unknown, logicalType: string, rest = {}) =>
    typeof type === 'string'
      ? { type, logicalType, ...rest }
      : { ...(type as object), logicalType, ...rest }
  const fixed = (name: string, size: number) => ({ type: 'fixed', name, size })
  const decimal = { precision: 40, scale: 3 }
  const cases: ReadonlyArray<readonly [unknown, ...unknown[]]> = [
    ['long', 0, -1, 2 ** 53 - 1, '9223372036854775807', '-9223372036854775808'],
    ['double', 0.1, 1e300, 'NaN', '-Infinity'],
    ['float', 0.5, -2],
    ['bytes', '', 'AP8='],
    ['string', '', 'a\0b', '\u{1f600}'],
    [fixed('f', 2), 'AP8='],
    [{ type: 'enum', name: 'e', symbols: ['A', 'B'] }, 'B'],
    [{ type: 'map', values: 'int' }, {}, JSON.parse('{"__proto__": 1, "b": 2}')],
    [{ type: 'array', items: ['null', 'int'] }, [], [1, null, 2]],
    [
      logical('bytes', 'decimal', decimal),
      '0.000',
      '-0.001',
      '1.280',
      '-128.000',
      '12345678901234567890.123',
    ],
    [logical(fixed('d', 9), 'decimal', decimal), '-1.500', '2361183241434822.607'],
    [logical('string', 'uuid'), '00000000-0000-4000-8000-00000000000f'],
    [logical(fixed('u', 16), 'uuid'), '00112233-4455-6677-8899-aabbccddeeff'],
    [logical('int', 'date'), '1969-12-31', '2026-01-31', 5_000_000],
    [logical('int', 'time-millis'), '23:59:59.999'],
    [logical('long', 'time-micros'), '00:00:00.000001'],
    [logical('long', 'timestamp-millis'), '1969-12-31T23:59:59.999Z', '2026-01-31T12:00:00.000Z'],
    [logical('long', 'timestamp-micros'), '2026-01-31T12:00:00.000001Z'],
    [logical('long', 'timestamp-nanos'), '2026-01-31T12:00:00.123456789Z'],
    [logical('long', 'local-timestamp-micros'), '2026-01-31T12:00:00.000001'],
    // Used wrongly, it is its base type.
    [logical('string', 'timestamp-micros'), 'a'],
  ]
  for (const [schema, ...documents] of cases) {
    for (const document of documents) {
      const what = `${JSON.stringify(schema)} ${JSON.stringify(document)}`
      assert.deepEqual(again(schema, document), document, what)
    }
  }
  const tree = {
    ...{ type: 'record', name: 'tree' },
    fields: [
      { name: 'n', type: 'int' },
      { name: 'next', type: ['null', 'tree'] },
    ],
  }
  const nested = { n: 1, next: { n: 2, next: null } }
  assert.deepEqual(again(tree, nested), nested)
  // An absent field that may be null is null.
  assert.deepEqual(again(tree, { n: 1 }), { n: 1, next: null })
})

test('what is no value of the schema is refused, and where is said', () => {
  const refused = (schema: unknown, document: unknown, why: RegExp) =>
    assert.throws(() => again(schema, document), { code: 'OCC_AVRO_INVALID', message: why })
  const record = {
    type: 'record',
    name: 'r',
    fields: [{ name: 'n', type: { type: 'array', items: 'int' } }],
  }
  refused(record, { n: [1, 2 ** 31] }, /not a r: n: 1: 2147483648 is not an integer of 32 bits/)
  refused(record, { n: [], m: 1 }, /no field m/)
  refused(record, {}, /n: null is not a list/)
  refused(record, [], /\[\] is not an object/)
  refused('long', 1.5, /1\.5 is not an integer/)
  refused('long', '9223372036854775808', /integer of 64 bits/)
  refused('bytes', 'a', /"a" is not base64/)
  refused({ type: 'fixed', name: 'f', size: 2 }, 'AA==', /1 bytes, not 2/)
  refused({ type: 'enum', name: 'e', symbols: ['A'] }, 'B', /"B" is not one of A/)
  refused(['null', 'int'], 'x', /"x" is not null; or "x" is not an integer/)
  refused(
    { type: 'bytes', logicalType: 'decimal', precision: 4, scale: 1 },
    '0.12',
    /more than 1 places/,
  )
  refused({ type: 'long', logicalType: 'timestamp-millis' }, 'today', /"today" is not a time/)
  // Dates and times that there are not would become others.
  for (const text of ['2026-02-31T12:00:00Z', '2026-02-30T24:00:00.5Z']) {
    refused({ type: 'long', logicalType: 'timestamp-millis' }, text, /is not a time/)
  }
  refused({ type: 'int', logicalType: 'date' }, '2026-02-30', /"2026-02-30" is not a date/)
  refused({ type: 'int', logicalType: 'time-millis' }, '25:61:00', /"25:61:00" is not a time/)
  refused('string', 1, /1 is not text/)
})
