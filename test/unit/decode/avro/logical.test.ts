import assert from 'node:assert/strict'
import test from 'node:test'
import { createAvroDecoder } from '../../../../src/decode/avro/decode.ts'

/** A zigzag varint. */
function long(value: bigint): Buffer {
  const bytes: number[] = []
  let left = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
  for (; left >= 0x80n; left >>= 7n) bytes.push(Number(left & 0x7fn) | 0x80)
  return Buffer.from([...bytes, Number(left)])
}

const bytes = (hex: string) => {
  const content = Buffer.from(hex, 'hex')
  return Buffer.concat([long(BigInt(content.length)), content])
}

const read = (schema: object | string, value: Buffer) =>
  createAvroDecoder(JSON.stringify(schema))(value)

test('a decimal number is text with all places of its scale', () => {
  const decimal = (scale: number) => ({
    type: 'bytes',
    logicalType: 'decimal',
    precision: 60,
    scale,
  })
  assert.equal(read(decimal(2), bytes('3039')), '123.45')
  assert.equal(read(decimal(2), bytes('05')), '0.05')
  assert.equal(read(decimal(3), bytes('ff')), '-0.001')
  assert.equal(read(decimal(0), bytes('80')), '-128')
  assert.equal(read(decimal(0), bytes('')), '0')
  const wei = '00ffffffffffffffffffffffffffffffff'
  assert.equal(read(decimal(18), bytes(wei)), '340282366920938463463.374607431768211455')
  const fixed = {
    type: 'fixed',
    name: 'F',
    size: 2,
    logicalType: 'decimal',
    precision: 4,
    scale: 1,
  }
  assert.equal(read(fixed, Buffer.from('fff6', 'hex')), '-1.0')
  assert.throws(() => read(decimal(0), bytes('01'.repeat(300))), { code: 'OCC_AVRO_INVALID' })
})

test('times are ISO 8601 with all places of their unit, before and after 1970', () => {
  const stamp = (logicalType: string, value: bigint) =>
    read({ type: 'long', logicalType }, long(value))
  assert.equal(stamp('timestamp-millis', 1_767_225_600_123n), '2026-01-01T00:00:00.123Z')
  assert.equal(stamp('timestamp-micros', -1n), '1969-12-31T23:59:59.999999Z')
  assert.equal(
    stamp('timestamp-nanos', 1_767_225_600_000_000_001n),
    '2026-01-01T00:00:00.000000001Z',
  )
  assert.equal(stamp('local-timestamp-millis', 0n), '1970-01-01T00:00:00.000')
  assert.equal(stamp('time-micros', 86_399_999_999n), '23:59:59.999999')
  const date = (days: bigint) => read({ type: 'int', logicalType: 'date' }, long(days))
  assert.equal(date(20_454n), '2026-01-01')
  assert.equal(date(-1n), '1969-12-31')
})

test('what is no time of the years 0 to 9999 stays the number it is', () => {
  const largest = { type: 'long', logicalType: 'timestamp-millis' }
  assert.equal(read(largest, long(9_223_372_036_854_775_807n)), '9223372036854775807')
  assert.equal(read(largest, long(-62_167_219_200_001n)), -62_167_219_200_001)
  assert.equal(read({ type: 'int', logicalType: 'time-millis' }, long(86_400_000n)), 86_400_000)
})

test('a uuid is text, also of 16 bytes', () => {
  const text = '01234567-89ab-cdef-0123-456789abcdef'
  const fixed = { type: 'fixed', name: 'U', size: 16, logicalType: 'uuid' }
  assert.equal(read(fixed, Buffer.from(text.replaceAll('-', ''), 'hex')), text)
  const inText = Buffer.concat([long(36n), Buffer.from(text)])
  assert.equal(read({ type: 'string', logicalType: 'uuid' }, inText), text)
})

test('a logical type that is unknown, or on the wrong base type, is read as its base type', () => {
  assert.equal(read({ type: 'long', logicalType: 'of tomorrow' }, long(7n)), 7)
  assert.equal(read({ type: 'long', logicalType: 'constructor' }, long(7n)), 7)
  assert.equal(read({ type: 'string', logicalType: 'date' }, bytes('3132')), '12')
  assert.equal(read({ type: 'bytes', logicalType: 'decimal' }, bytes('01')), 'AQ==')
})

test('logical types are found inside of unions, lists and maps', () => {
  const day = { type: 'int', logicalType: 'date' }
  assert.deepEqual(read({ type: 'array', items: ['null', day] }, Buffer.from([4, 0, 2, 2, 0])), [
    null,
    '1970-01-02',
  ])
})
