import assert from 'node:assert/strict'
import test from 'node:test'
import protobuf from 'protobufjs'
import { encodeMessage, schemasFolder } from '../../../../dev/synthetic/protobuf.ts'
import { createDecoder } from '../../../../src/decode/decoder.ts'
import { compressLz4Frame } from '../../../../src/decode/lz4/compress.ts'
import { encoded, knownMessages } from './messages.ts'
import { decoderOf, errorOf, folderOf, messageOf, recordOf } from './support.ts'

const decoder = decoderOf()

test('plain, as an LZ4 frame and behind a Confluent header, a value is the same message', () => {
  // The position of each message in its file, zigzag.
  const indexes = {
    'solana.tokens.proto': 6,
    'eth.tokens.proto': 4,
    'solana.transactions.proto': 4,
  }
  for (const known of knownMessages) {
    const value = encoded(known)
    const plain = messageOf(decoder, known.topic, value)
    const index = Reflect.get(indexes, known.topic)
    const framed = Buffer.from([0, 0, 0, 1, 44, 2, 2 * index])
    const values = [compressLz4Frame(value)]
    if (index !== undefined) values.push(Buffer.concat([framed, value]))
    for (const other of values) {
      const read = messageOf(decoder, known.topic, other)
      // Another record overwrites the memory that this one was unpacked into.
      messageOf(decoder, known.topic, compressLz4Frame(Buffer.alloc(0)))
      assert.deepEqual(read.events, plain.events)
      assert.deepEqual(read.document, plain.document)
    }
    assert.equal(plain.document, plain.document)
  }
})

test('a block that supersedes another is an event before those of the block, if it is wanted', () => {
  const blocks = ['a', 'b'].map((branch) =>
    encodeMessage('evm_messages.TokenBlockMessage', {
      Header: { Number: Buffer.of(9), Hash: Buffer.alloc(32, branch) },
      Transfers: [{ TransactionHeader: { Hash: Buffer.alloc(32, branch) } }],
    }),
  )
  const kinds = (topic: string, reorgs: boolean) => {
    const protobuf = { schemas: schemasFolder, reorgs }
    const decoder = createDecoder({ topics: [], protobuf, maxMessageBytes: 1e6 })
    return blocks.map((value, offset) => {
      const result = decoder.decode({ ...recordOf(topic, value), offset })
      return result.ok ? result.message.events.map(({ kind }) => kind).join() : result.error.message
    })
  }
  assert.deepEqual(kinds('eth.tokens.proto', true), ['transfer', 'reorg,transfer'])
  assert.deepEqual(kinds('eth.tokens.proto', false), ['transfer', 'transfer'])
  assert.deepEqual(kinds('eth.broadcasted.tokens.proto', true), ['transfer', 'transfer'])
})

test('a block whose messages have no events supersedes others, too', () => {
  const blockOf = (branch: string, others: object) =>
    encodeMessage('solana_messages.DexParsedBlockMessage', {
      Header: { Slot: 9, Hash: Buffer.alloc(32, branch), ParentSlot: 7 },
      ...others,
    })
  const Transactions = [{ Signature: Buffer.alloc(64, 1), Trades: [{}] }]
  const protobuf = { schemas: schemasFolder, reorgs: true }
  const decoder = createDecoder({ topics: [], protobuf, maxMessageBytes: 1e6 })
  const values = [blockOf('a', { Transactions }), blockOf('b', {}), blockOf('a', { Transactions })]
  const found = values.map((value, offset) => {
    const result = decoder.decode({ ...recordOf('solana.dextrades.proto', value), offset })
    return result.ok ? result.message.events : []
  })
  assert.deepEqual(
    found.map((events) => events.map(({ kind }) => kind)),
    [['trade'], ['reorg'], ['trade']],
  )
  assert.equal(found[2]?.[0]?.block?.supersededBy, found[1]?.[0]?.reorg?.to)
})

test('the header of Confluent must name the message of the topic, and be whole', () => {
  const [known] = knownMessages
  assert.ok(known !== undefined)
  const framed = (...header: number[]) => Buffer.concat([Buffer.from(header), encoded(known)])
  const error = (value: Buffer) => errorOf(decoder, known.topic, value)
  // A zero alone is the first message of the file, another number one that is not there.
  assert.match(
    error(framed(0, 0, 0, 1, 44, 0)),
    /holds solana_messages\.TokenCreator .* not solana/,
  )
  assert.match(error(framed(0, 0, 0, 1, 44, 2, 98)), /holds message \[49\] of its schema/)
  for (const header of [[0], [0, 0, 0, 1, 44], [0, 0, 0, 1, 44, 4, 2], [0, 0, 0, 1, 44, 255]]) {
    assert.match(error(Buffer.from(header)), /^OCC_PROTOBUF_INVALID: the header of its schema/)
  }
  assert.match(error(framed(0, 0, 0, 1, 44, 1)), /names -1 messages/)
})

test('unknown fields are silent, wherever they are, groups included', (t) => {
  const schema = 'syntax = "proto3"; package t; message A { int32 a = 1; A inner = 2; }'
  const rules = [{ pattern: 'x', format: 'protobuf', message: 't.A' }]
  const writer = protobuf.Writer.create()
    .uint32(8)
    .int32(5)
    .uint32(8 * 9)
    .uint64(1)
  // A group with a field that has the number of a known one, and another wire type.
  writer
    .uint32(8 * 3 + 3)
    .uint32(10)
    .string('x')
    .uint32(8 * 3 + 4)
  writer
    .uint32(18)
    .fork()
    .uint32(8 * 500 + 1)
    .double(1)
    .uint32(8)
    .int32(6)
    .ldelim()
  const decoder = decoderOf(folderOf(t, { 'a.proto': schema }), rules)
  const { document } = messageOf(decoder, 'x', Buffer.from(writer.finish()))
  assert.deepEqual(document, { a: 5, inner: { a: 6 } })
})

test('a message without any of the fields that its events need has none, and a document', () => {
  const value = Buffer.from(
    protobuf.Writer.create().uint32(50).fork().uint32(10).bytes(Buffer.of(1)).ldelim().finish(),
  )
  const { events, document } = messageOf(decoder, 'eth.tokens.proto', value)
  assert.deepEqual(events, [])
  assert.deepEqual(document, { L1Header: { Hash: 'AQ==' } })
  assert.deepEqual(messageOf(decoder, 'eth.tokens.proto', Buffer.alloc(0)).document, {})
})

test('a message of another kind, a text and a truncated message are one clear error each', () => {
  for (const { topic, name } of knownMessages) {
    for (const other of knownMessages) {
      if (other.name === name) continue
      // All of Solana's hold transactions, and these events need nothing else of them.
      if (topic === 'solana.transactions.proto' && other.topic.startsWith('solana.')) continue
      assert.match(
        errorOf(decoder, topic, encoded(other)),
        new RegExp(`^OCC_PROTOBUF_INVALID: not a ${name}: `),
      )
    }
    for (const text of ['{"Block":{"Slot":1}}', 'hello', '[1]', '\u0001\u0002\u0003']) {
      assert.match(errorOf(decoder, topic, Buffer.from(text)), /^OCC_PROTOBUF_INVALID: not a /)
    }
  }
  const [tokens] = knownMessages
  assert.ok(tokens !== undefined)
  const value = encoded(tokens)
  assert.equal(
    errorOf(decoder, tokens.topic, value.subarray(0, value.length - 3)),
    'OCC_PROTOBUF_INVALID: not a solana_messages.TokenBlockMessage: it is truncated or damaged',
  )
  const unknown = Buffer.from(
    protobuf.Writer.create()
      .uint32(7 * 1000)
      .uint32(3)
      .finish(),
  )
  assert.match(errorOf(decoder, tokens.topic, unknown), /none of its fields is known/)
})

test('damage in a part that no event needs is an error of the document alone', () => {
  const known = knownMessages.find(({ topic }) => topic === 'matic.raw.proto')
  assert.ok(known !== undefined)
  const value = encoded(known)
  // The length of the data of a log.
  const at = value.indexOf(Buffer.from([0x1a, 0xac, 0x02]))
  value[at + 1] = 0xff
  const message = messageOf(decoder, known.topic, value)
  assert.equal(message.events.length, 2)
  assert.throws(() => message.document, {
    code: 'OCC_PROTOBUF_INVALID',
    retriable: false,
    message: /^not a evm_messages\.BlockMessage: it is truncated or damaged$/,
  })
})

test('depth and number of parts are bounded, and so is the size', (t) => {
  const schema = 'syntax = "proto3"; package t; message A { A inner = 1; repeated A many = 2; }'
  const rules = [{ pattern: 'x', format: 'protobuf', message: 't.A' }]
  const nested = decoderOf(folderOf(t, { 'a.proto': schema }), rules)
  const deep = (levels: number) => {
    let value = Buffer.alloc(0)
    for (let level = 0; level < levels; level++) {
      value = Buffer.from(protobuf.Writer.create().uint32(10).bytes(value).finish())
    }
    return value
  }
  assert.equal(messageOf(nested, 'x', deep(100)).bytes > 200, true)
  assert.match(errorOf(nested, 'x', deep(102)), /not a t\.A: max depth exceeded/)
  assert.match(errorOf(nested, 'x', Buffer.alloc(5_000, 0x1b)), /not a t\.A: /)
  const many = Buffer.alloc(2_100_000)
  for (let at = 0; at < many.length; at += 2) many[at] = 0x12
  assert.match(errorOf(nested, 'x', many), /not a t\.A: more than 1000000 parts/)
  const huge = Buffer.alloc(33 * 1024 * 1024)
  assert.match(errorOf(nested, 'x', huge), /^OCC_MESSAGE_TOO_LARGE/)
})

test('text that is not UTF-8 is an error where it is read', () => {
  const known = knownMessages.find(({ topic }) => topic === 'solana.tokens.proto')
  assert.ok(known !== undefined)
  const value = encoded(known)
  value[value.indexOf('USDC')] = 0xff
  assert.match(errorOf(decoder, known.topic, value), /^OCC_PROTOBUF_INVALID: not a .* not UTF-8$/)
})
