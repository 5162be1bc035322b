import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type TestContext } from 'node:test'
import protobuf from 'protobufjs'
import descriptor from 'protobufjs/ext/descriptor.js'
import { createAvroEncoder } from '../../../../dev/synthetic/avro.ts'
import { createDecoder } from '../../../../src/decode/decoder.ts'
import { compressLz4Frame } from '../../../../src/decode/lz4/compress.ts'
import type { TopicRule } from '../../../../src/decode/topic-rules.ts'
import type { Message } from '../../../../src/decode/types.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'
import { folderOf, recordOf } from '../protobuf/support.ts'
import { type Answer, startFakeRegistry } from '../registry/fake-registry.ts'

const AVRO = JSON.stringify({
  type: 'record',
  name: 'Thing',
  fields: [{ name: 'amount', type: 'long' }],
})
const THING = { amount: '18014398509481984' }

const PROTO = `syntax = "proto3"; package shop; import "common/money.proto"; import "google/protobuf/timestamp.proto";
message Other { message Inner { uint64 n = 1; } }
message Order { string id = 1; common.Money total = 2; google.protobuf.Timestamp at = 3; }`
const MONEY = 'syntax = "proto3"; package common; message Money { uint64 units = 1; }'

const link = { name: 'common/money.proto', subject: 'money', version: 1 }
/** It imports a newer version of a file than what it imports does, and files that nobody registers. */
const DIAMOND = `syntax = "proto3"; package shop; import "common/money.proto"; import "price.proto";
import "google/protobuf/descriptor.proto"; import "confluent/meta.proto"; import "confluent/types/decimal.proto"; import "google/type/interval.proto";
extend google.protobuf.FieldOptions { string label = 50001; }
message Item { Price price = 1 [(label) = "x"]; common.Money total = 2 [(confluent.field_meta).doc = "y"]; confluent.type.Decimal exact = 3; google.type.Interval at = 4; }`
const PRICE =
  'syntax = "proto3"; package shop; import "common/money.proto"; message Price { common.Money of = 1; }'
const price = { name: 'price.proto', subject: 'price', version: 1 }
const versions = '/versions/1?deleted=true'
const answers: Record<string, Answer> = {
  '/schemas/ids/1': [200, { schema: AVRO }],
  '/schemas/ids/2': [200, { schema: PROTO, schemaType: 'PROTOBUF', references: [link] }],
  [`/subjects/money${versions}`]: [200, { schema: MONEY, schemaType: 'PROTOBUF' }],
  '/schemas/ids/3': [200, { schema: '{"type":"record"}' }],
  '/schemas/ids/5': [
    200,
    { schema: DIAMOND, schemaType: 'PROTOBUF', references: [{ ...link, version: 2 }, price] },
  ],
  '/subjects/money/versions/2?deleted=true': [
    200,
    { schema: MONEY.replace('}', 'string currency = 2; }'), schemaType: 'PROTOBUF' },
  ],
  [`/subjects/price${versions}`]: [
    200,
    { schema: PRICE, schemaType: 'PROTOBUF', references: [link] },
  ],
  '/schemas/ids/6': [200, { schema: described(), schemaType: 'PROTOBUF' }],
  // In the place of a descriptor.
  '/schemas/ids/4': [200, { schema: 'AAAA', schemaType: 'PROTOBUF' }],
}

/** A message with a map and two messages in it, as Confluent's serializer in Python registers it. */
function described(): string {
  const field = (name: string, type: number, label = 1) => ({ name, number: 1, label, type })
  const entry = {
    name: 'MEntry',
    field: [field('key', 9), { ...field('value', 5), number: 2 }],
    options: { mapEntry: true },
  }
  const file = {
    name: 'd.proto',
    package: 'd',
    syntax: 'proto3',
    messageType: [
      {
        name: 'Outer',
        field: [{ ...field('m', 11, 3), typeName: '.d.Outer.MEntry' }],
        nestedType: [
          entry,
          { name: 'One', field: [field('a', 5)] },
          { name: 'Two', field: [field('b', 5)] },
        ],
      },
    ],
  }
  const bytes = descriptor.FileDescriptorProto.encode(file).finish()
  return Buffer.from(bytes).toString('base64')
}

async function open(
  t: TestContext,
  rules: ReadonlyArray<Omit<TopicRule, 'pattern'>>,
  schemas?: string,
) {
  const { url } = await startFakeRegistry(
    t,
    (path) => answers[path] ?? [404, { error_code: 40403, message: 'no' }],
  )
  const decoder = createDecoder({
    topics: rules.map((rule) => ({ ...rule, pattern: `t-${rule.format}` })),
    protobuf: { schemas },
    registry: { url, timeout: 5_000 },
    maxMessageBytes: 1e6,
  })
  t.after(() => decoder.close())
  async function decode(topic: string, value: Buffer): Promise<Message> {
    const record = recordOf(topic, value)
    await decoder.awaits(record)
    assert.equal(decoder.awaits(record), null)
    const result = decoder.decode(record)
    if (!result.ok) throw result.error
    return result.message
  }
  return { decoder, decode }
}

function framed(id: number, body: Uint8Array, indexes: readonly number[] = []): Buffer {
  const header = Buffer.alloc(5)
  header.writeUInt32BE(id, 1)
  return Buffer.concat([header, Buffer.from(indexes), body])
}

test('an Avro value is read with the schema that its header names, in an LZ4 frame or not', async (t) => {
  const { decoder, decode } = await open(t, [{ format: 'avro' }])
  const value = createAvroEncoder(AVRO, 1)(THING)
  const early = decoder.decode(recordOf('t-avro', value))
  assert.equal(early.ok ? '' : early.error.code, 'OCC_REGISTRY_AWAY')
  for (const bytes of [value, compressLz4Frame(value)]) {
    assert.deepEqual((await decode('t-avro', bytes)).document, THING)
  }
  assert.ok(decoder.mayAwait('t-avro') && !decoder.mayAwait('another'))
})

test('records that are waited for in turns share the memory they are unpacked into, and are not mixed up', async (t) => {
  const { decoder, decode } = await open(t, [{ format: 'avro' }])
  const write = createAvroEncoder(AVRO, 1)
  const records = [1, 2, 3].map((amount) => recordOf('t-avro', compressLz4Frame(write({ amount }))))
  await decode('t-avro', records[0]?.value as Buffer)
  for (const record of records) assert.equal(decoder.awaits(record), null)
  const documents = [...records.toReversed(), ...records].map((record) => {
    const result = decoder.decode(record)
    return result.ok && result.message.document
  })
  assert.deepEqual(
    documents,
    [3, 2, 1, 1, 2, 3].map((amount) => ({ amount })),
  )
})

test('what is not framed, damaged, or of an unusable schema is refused with the reason', async (t) => {
  const { decode } = await open(t, [{ format: 'avro' }, { format: 'protobuf' }])
  const refused = (topic: string, value: Buffer, code: string, message: RegExp) =>
    assert.rejects(decode(topic, value), { code, message })
  await refused('t-avro', Buffer.from('{}'), 'OCC_AVRO_INVALID', /name a file as schema/)
  await refused('t-avro', Buffer.from([0, 1]), 'OCC_AVRO_INVALID', /header of a schema registry/)
  await refused('t-avro', framed(1, Buffer.from([2, 2])), 'OCC_AVRO_INVALID', /1 bytes follow/)
  await refused('t-avro', framed(2, Buffer.from([2])), 'OCC_SCHEMA_UNUSABLE', /PROTOBUF, not AVRO/)
  await refused('t-avro', framed(3, Buffer.from([2])), 'OCC_SCHEMA_UNUSABLE', /schema 3 of the reg/)
  await refused('t-protobuf', framed(4, Buffer.from([2]), [0]), 'OCC_SCHEMA_UNUSABLE', /schema 4/)
  await refused('t-protobuf', Buffer.from([10]), 'OCC_PROTOBUF_INVALID', /mount the \.proto files/)
  await refused('t-protobuf', framed(2, Buffer.from([2]), [2, 18]), 'OCC_PROTOBUF_INVALID', /\[9\]/)
})

test('a Protocol Buffers message is the one of the registry that its header names, with what it imports', async (t) => {
  const { decode } = await open(t, [{ format: 'protobuf' }])
  const root = new protobuf.Root()
  for (const text of [
    MONEY,
    PROTO.replace(/import[^;]*;/g, '').replace('google.protobuf.Timestamp', 'common.Money'),
  ]) {
    protobuf.parse(text, root, { keepCase: true })
  }
  const order = root
    .lookupType('shop.Order')
    .encode({ id: 'a', total: { units: 5 } })
    .finish()
  assert.deepEqual((await decode('t-protobuf', framed(2, order, [2, 2]))).document, {
    id: 'a',
    total: { units: 5 },
  })
  const inner = root.lookupType('shop.Other.Inner').encode({ n: 7 }).finish()
  assert.deepEqual((await decode('t-protobuf', framed(2, inner, [4, 0, 0]))).document, { n: 7 })
})

test('a file that is imported in two versions is one, and what nobody registers need not be', async (t) => {
  const { decode } = await open(t, [{ format: 'protobuf' }])
  const item = '0a040a020805 12050807120162 1a030a0103 22040a020809'.replaceAll(' ', '')
  const { document } = await decode('t-protobuf', framed(5, Buffer.from(item, 'hex'), [0]))
  assert.deepEqual(document, {
    price: { of: { units: 5 } },
    total: { units: 7, currency: 'b' },
    exact: { value: 'Aw==' },
    at: { start_time: { seconds: 9 } },
  })
})

test('a header counts the entries of maps among the messages of a descriptor', async (t) => {
  const { decode } = await open(t, [{ format: 'protobuf' }])
  const documents = []
  // The second and the third message in the first one; the first is the entry of its map.
  for (const at of [1, 2]) {
    const value = framed(6, Buffer.from([8, 7]), [4, 0, 2 * at])
    documents.push((await decode('t-protobuf', value)).document)
  }
  assert.deepEqual(documents, [{ a: 7 }, { b: 7 }])
  await assert.rejects(decode('t-protobuf', framed(6, Buffer.from([8, 7]), [4, 0, 0])), {
    message: /holds message \[0,0\] of its schema/,
  })
})

test('a rule with a message takes no other one of the registry', async (t) => {
  const { decode } = await open(t, [{ format: 'protobuf', message: 'shop.Order' }])
  await assert.rejects(decode('t-protobuf', framed(2, Buffer.from([8, 7]), [4, 0, 0])), {
    code: 'OCC_PROTOBUF_INVALID',
    message: /holds shop\.Other\.Inner according to its header, not shop\.Order/,
  })
})

test('a header is read with the registry also where an older file is mounted, which reads all other values', async (t) => {
  // In the registered schema another message is the first.
  const older = 'syntax = "proto3"; package shop; message Order { string id = 1; }'
  const schemas = folderOf(t, { 'shop.proto': older })
  const { decode } = await open(t, [{ format: 'protobuf', message: 'shop.Order' }], schemas)
  const order = Buffer.from([10, 1, 97, 18, 2, 8, 5])
  const whole = { id: 'a', total: { units: 5 } }
  const documents = []
  for (const value of [framed(2, order, [2, 2]), compressLz4Frame(framed(2, order, [2, 2]))]) {
    documents.push((await decode('t-protobuf', value)).document)
  }
  // The registry does not know the schema of the last one.
  for (const value of [order, framed(99, order, [0])]) {
    documents.push((await decode('t-protobuf', value)).document)
  }
  assert.deepEqual(documents, [whole, whole, { id: 'a' }, { id: 'a' }])
})

test('JSON behind the header of a registry is read without asking it', async (t) => {
  const { decoder, decode } = await open(t, [{ format: 'json' }])
  assert.deepEqual((await decode('t-json', framed(99, Buffer.from('{"a":1}')))).document, { a: 1 })
  assert.equal(decoder.mayAwait('t-json'), false)
})

test('an Avro document has the events that the same JSON has', async (t) => {
  const text = (name: string) => ({ name, type: ['null', 'string'] })
  const of = (name: string, fields: readonly object[]) => ({
    name,
    type: { type: 'record', name: `${name}Of`, fields },
  })
  const schema = JSON.stringify({
    type: 'record',
    name: 'Entry',
    fields: [
      of('Block', [
        text('Hash'),
        { name: 'Slot', type: 'long' },
        { name: 'Timestamp', type: 'long' },
      ]),
      of('Transaction', [text('Signature')]),
      of('Transfer', [
        { name: 'InstructionIndex', type: 'int' },
        {
          name: 'Amount',
          type: { type: 'bytes', logicalType: 'decimal', precision: 20, scale: 0 },
        },
        of('Sender', [text('Address')]),
        of('Receiver', [text('Address')]),
      ]),
    ],
  })
  const amount = Buffer.from('00ffffffffffffffff', 'hex').toString('base64')
  const entry = {
    Block: { Hash: 'h', Slot: 5, Timestamp: 1_700_000_000 },
    Transaction: { Signature: 'sig' },
    Transfer: {
      InstructionIndex: 3,
      Amount: amount,
      Sender: { Address: 'from' },
      Receiver: { Address: 'to' },
    },
  }
  const path = join(temporaryFolder(t), 'entry.avsc')
  writeFileSync(path, schema)
  const { decode } = await open(t, [{ format: 'avro', schema: path }])
  const plain = JSON.parse(schema.replace(/\{"type":"bytes"[^}]*\}/, '"bytes"'))
  const [event] = (await decode('t-avro', createAvroEncoder(JSON.stringify(plain))(entry))).events
  assert.deepEqual(
    [event?.id, event?.amount, event?.from, event?.to, event?.time],
    ['sig:3', 18446744073709551615n, 'from', 'to', 1_700_000_000_000],
  )
})

test('a file that is no Avro schema is a problem of its topic before the start', async (t) => {
  const path = join(temporaryFolder(t), 'wrong.avsc')
  const { decoder } = await open(t, [{ format: 'avro', schema: path }])
  assert.match(decoder.problemOf('t-avro')?.message ?? '', /wrong\.avsc .*ENOENT/)
  const without = createDecoder({
    topics: [{ pattern: 'x', format: 'avro' }],
    maxMessageBytes: 1e6,
  })
  assert.match(without.problemOf('x')?.message ?? '', /^x is read as Avro and has no schema/)
})
