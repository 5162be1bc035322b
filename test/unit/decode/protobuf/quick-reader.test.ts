import assert from 'node:assert/strict'
import test from 'node:test'
import protobuf from 'protobufjs'
import { messageType } from '../../../../dev/synthetic/protobuf.ts'
import { compileQuick } from '../../../../src/decode/protobuf/quick-reader.ts'
import { shortText } from '../../../../src/decode/protobuf/short-texts.ts'
import { compileStrict } from '../../../../src/decode/protobuf/wanted.ts'
import type { Wanted } from '../../../../src/decode/protobuf/wanted-fields.ts'
import { messageStreams } from '../../../../src/decode/streams/messages.ts'
import { fuzz } from '../../../support/random.ts'
import { encoded, knownMessages } from './messages.ts'
import { damage } from './support.ts'

const readers = knownMessages.map((known) => {
  const stream = messageStreams.find(({ message }) => message === known.name)
  assert.ok(stream !== undefined)
  const { wanted } = stream
  const strict = compileStrict(wanted, messageType(known.name))
  return { ...known, wanted, strict, quick: compileQuick(wanted), value: encoded(known) }
})

/** The wanted fields, however they are kept. */
function fieldsOf(message: object | null, wanted: Wanted): unknown {
  if (message === null) return null
  return Object.entries(wanted).map(([name, [, type, repeated]]) => {
    const value: unknown = Reflect.get(message, name)
    if (typeof type === 'string' || typeof type === 'function') return value
    if (repeated === undefined) return fieldsOf(value as object | null, type)
    return (value as object[]).map((one) => fieldsOf(one, type))
  })
}

test('what the quick reader reads, the library reads alike; it reads all plain messages', (t) => {
  for (const { wanted, quick, strict, value } of readers) {
    assert.deepEqual(fieldsOf(quick(value) ?? {}, wanted), fieldsOf(strict(value), wanted))
  }
  let read = 0
  const rounds = fuzz('the quick reader', 1_000, (random) => {
    const { wanted, quick, strict, value } = random.pick(readers)
    const damaged = damage(value, random)
    const message = quick(damaged)
    if (message === null) return
    read++
    assert.deepEqual(fieldsOf(message, wanted), fieldsOf(strict(damaged), wanted))
  })
  t.diagnostic(`${rounds} damaged messages, of which ${read} were read`)
  assert.ok(read > rounds / 100, `${read} of ${rounds} were read`)
})

test('integers of any size and any number of bytes are those of the library', () => {
  const wanted = {
    A: [1, 'uint32'],
    B: [2, 'int32'],
    C: [3, 'uint64'],
    D: [4, 'int64'],
    E: [5, 'bool'],
  } as const
  const schema = protobuf
    .parse(
      'syntax = "proto3"; message T { uint32 A = 1; int32 B = 2; uint64 C = 3; int64 D = 4; bool E = 5; }',
    )
    .root.lookupType('T')
  const quick = compileQuick(wanted)
  const strict = compileStrict(wanted, schema)
  const numbers = [
    0n,
    1n,
    127n,
    128n,
    2n ** 31n,
    2n ** 32n - 1n,
    2n ** 53n,
    2n ** 63n,
    2n ** 64n - 1n,
  ]
  for (const number of numbers) {
    for (const field of [1, 2, 3, 4, 5]) {
      const bytes = Buffer.from([field << 3, ...varint(number)])
      assert.deepEqual(fieldsOf(quick(bytes), wanted), fieldsOf(strict(bytes), wanted))
      assert.equal(quick(bytes.subarray(0, -1)), null)
    }
  }
  assert.equal(quick(Buffer.from([8, ...new Array(11).fill(0x80), 0])), null)
})

test('what is not plainly such a message is left to the library', () => {
  const wanted = { Inner: [1, { A: [1, 'bytes'], B: [2, 'bytes'] }], C: [2, 'bool'] } as const
  const schema = protobuf
    .parse(
      'syntax = "proto3"; message I { bytes A = 1; bytes B = 2; } message T { I Inner = 1; bool C = 2; }',
    )
    .root.lookupType('T')
  const quick = compileQuick(wanted)
  const strict = compileStrict(wanted, schema)
  const inner = (field: number) => [0x0a, 3, (field << 3) | 2, 1, 7]
  assert.notEqual(quick(Buffer.from(inner(1))), null)
  // A message that comes twice is one, merged.
  const twice = Buffer.from([...inner(1), ...inner(2)])
  assert.equal(quick(twice), null)
  const seven = Buffer.of(7)
  assert.deepEqual(fieldsOf(strict(twice), wanted), [[seven, seven], false])
  const others = {
    'a known field as an integer': [8, 1],
    'a known field as bytes': [0x12, 1, 1],
    'a known field of 8 bytes': [0x09, 1, 2, 3, 4, 5, 6, 7, 8],
    'a known field of 4 bytes': [0x15, 1, 2, 3, 4],
    'field 0': [2, 0],
    'a group': [0x1b, 0x1c],
    'a length beyond the end': [0x0a, 3, 0x0a, 2, 7],
    'a nested length beyond its message': [0x0a, 2, 0x0a, 1, 7],
  }
  for (const [what, bytes] of Object.entries(others)) {
    assert.equal(quick(Buffer.from(bytes)), null, what)
  }
})

test('what a function cannot make of bytes is refused by the library reader; absent ones are no bytes', () => {
  const even = (bytes: Buffer, from: number, to: number) => {
    if ((to - from) % 2 === 1) throw new RangeError(`${to - from} bytes`)
    return bytes.toString('hex', from, to)
  }
  const wanted = { A: [1, even], B: [2, even], Inner: [3, { A: [1, even] }] } as const
  const schema = protobuf
    .parse(
      'syntax = "proto3"; message I { bytes A = 1; } message T { bytes A = 1; bytes B = 2; I Inner = 3; }',
    )
    .root.lookupType('T')
  const quick = compileQuick(wanted)
  const strict = compileStrict(wanted, schema)
  const fits = Buffer.from([0x0a, 2, 7, 8, 0x1a, 0])
  const read = { A: '0708', B: '', Inner: { A: '' } }
  assert.deepEqual(quick(fits), read)
  assert.deepEqual(strict(fits), read)
  const odd = Buffer.from([0x1a, 3, 0x0a, 1, 7])
  assert.equal(quick(odd), null)
  assert.throws(() => strict(odd), { message: '1 bytes' })
  // The last one counts, as for the library.
  const twice = Buffer.from([0x0a, 1, 7, 0x0a, 2, 7, 8])
  assert.equal(quick(twice), null)
  assert.deepEqual(strict(twice), { A: '0708', B: '', Inner: null })
})

function varint(number: bigint): number[] {
  if (number < 128n) return [Number(number)]
  return [Number(number & 127n) | 128, ...varint(number >> 7n)]
}

test('a remembered text is never taken for another one', () => {
  const read = (text: string) => {
    const bytes = Buffer.from(`<${text}>`)
    return shortText(bytes, 1, bytes.length - 1)
  }
  const long = 'x'.repeat(33)
  for (const text of [
    '',
    'USDC',
    'USDT',
    '\u00c3\u00a9',
    '\u00e9',
    'a\u0000b',
    '🪙',
    long,
    'USDC',
  ]) {
    assert.equal(read(text), text)
    assert.equal(read(text), text)
  }
  for (let number = 0; number < 5_000; number++) assert.equal(read(`T${number}`), `T${number}`)
  assert.throws(() => shortText(Buffer.of(0x55, 0xff), 0, 2), {
    code: 'ERR_ENCODING_INVALID_ENCODED_DATA',
  })
})
