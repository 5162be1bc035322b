import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Reader, Writer } from '../../../../src/broker/protocol/index.ts'

const hex = (writer: Writer) => writer.buffer.toString('hex')
const reader = (text: string) => new Reader(Buffer.from(text.replaceAll(' ', ''), 'hex'), 'test')

test('numbers are written as Kafka writes them, and can be read back', () => {
  const writer = new Writer(1)
    .int8(-2)
    .boolean(true)
    .int16(-3)
    .int32(70_000)
    .int64(2 ** 53 - 1)
    .int64(-1)
    .int64(-(2n ** 63n))
  assert.equal(hex(writer), 'fe01fffd00011170001fffffffffffffffffffffffffffff8000000000000000')
  assert.equal(writer.size(), 32)
  assert.equal(writer.buf.subarray(0, 32).toString('hex'), hex(writer))
  const read = new Reader(writer.buffer)
  assert.equal(read.int8(), -2)
  assert.equal(read.boolean(), true)
  assert.equal(read.int16(), -3)
  assert.equal(read.int32(), 70_000)
  assert.equal(read.int64(), 2 ** 53 - 1)
  assert.equal(read.int64(), -1)
  assert.equal(read.bigint64(), -(2n ** 63n))
  assert.equal(read.remaining, 0)
})

for (const [value, bytes] of [
  [0, '00'],
  [127, '7f'],
  [128, '8001'],
  [300, 'ac02'],
  [2 ** 32 - 1, 'ffffffff0f'],
] as const) {
  test(`the unsigned varint ${value} is ${bytes}`, () => {
    assert.equal(hex(new Writer().unsignedVarint(value)), bytes)
    assert.equal(reader(bytes).unsignedVarint(), value)
  })
}

for (const value of [0, -1, 1, -64, 64, 2 ** 31 - 1, -(2 ** 31)]) {
  test(`the varint ${value} round-trips`, () => {
    assert.equal(new Reader(new Writer().varint(value).buffer).varint(), value)
  })
}

test('strings, bytes and arrays, in both encodings, and null', () => {
  const writer = new Writer(1)
    .string('größe')
    .nullableString(null)
    .compactString('x'.repeat(200))
    .compactNullableString(null)
    .bytes(Buffer.from([1, 2]))
    .nullableBytes(null)
    .compactBytes(Buffer.from([3]))
  writer.array([7, 8], (item) => writer.int8(item)).nullableArray(null, () => {})
  writer.compactArray([9], (item) => writer.int8(item)).noTags()
  const read = new Reader(writer.buffer)
  assert.equal(read.string(), 'größe')
  assert.equal(read.nullableString(), null)
  assert.equal(read.compactString(), 'x'.repeat(200))
  assert.equal(read.compactNullableString(), null)
  assert.deepEqual(read.bytes(), Buffer.from([1, 2]))
  assert.equal(read.nullableBytes(), null)
  assert.deepEqual(read.compactBytes(), Buffer.from([3]))
  assert.deepEqual(
    read.array(() => read.int8()),
    [7, 8],
  )
  assert.equal(
    read.nullableArray(() => read.int8()),
    null,
  )
  assert.deepEqual(
    read.compactArray(() => read.int8()),
    [9],
  )
  read.skipTags()
  assert.equal(read.remaining, 0)
})

test('bytes share the memory they are read from', () => {
  const buffer = Buffer.from('00000002aabb', 'hex')
  const bytes = new Reader(buffer).bytes()
  buffer[4] = 0
  assert.equal(bytes[0], 0)
})

test('a UUID is text, and a zero one is null; tagged fields are skipped', () => {
  const id = reader('00112233445566778899aabbccddeeff')
  assert.equal(id.uuid(), '00112233-4455-6677-8899-aabbccddeeff')
  assert.equal(reader('00'.repeat(16)).uuid(), null)
  const tags = reader('02 00 03 aabbcc 05 00 2a')
  tags.skipTags()
  assert.equal(tags.int8(), 42)
})

for (const [what, bytes, read] of [
  ['a number that is cut off', '0102', (it: Reader) => it.int32()],
  ['a string longer than the rest', '0005 6162', (it: Reader) => it.string()],
  ['a string of negative length', 'fffe 6162', (it: Reader) => it.nullableString()],
  ['null where there must be a string', 'ffff', (it: Reader) => it.string()],
  ['null where there must be bytes', 'ffffffff', (it: Reader) => it.bytes()],
  ['null where there must be a compact string', '00', (it: Reader) => it.compactString()],
  ['an array longer than the rest', '7fffffff 00', (it: Reader) => it.array(() => it.int8())],
  ['an array of negative length', 'fffffff0', (it: Reader) => it.nullableArray(() => it.int8())],
  ['null where there must be an array', '00', (it: Reader) => it.compactArray(() => it.int8())],
  ['a varint without an end', 'ffffffffffff', (it: Reader) => it.unsignedVarint()],
  ['a tagged field that is cut off', '01 00 05 aa', (it: Reader) => it.skipTags()],
  ['a huge count of tagged fields', 'ffffffff0f', (it: Reader) => it.skipTags()],
] as const) {
  test(`${what} is OCC_PROTOCOL, which names the field and its position`, () => {
    assert.throws(() => read(reader(bytes)), {
      code: 'OCC_PROTOCOL',
      message: /^The test is not readable: .* at byte \d+ of \d+ /,
    })
  })
}

test('an offset beyond 2^53 is OCC_OFFSET_RANGE', () => {
  for (const bytes of ['0020000000000000', '7fffffffffffffff', '8000000000000000']) {
    assert.throws(() => reader(bytes).int64(), { code: 'OCC_OFFSET_RANGE' })
  }
  assert.equal(reader('ffe0000000000001').int64(), -(2 ** 53 - 1))
})
