import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { createDecoder } from '../../../src/decode/decoder.ts'
import { compressLz4Frame } from '../../../src/decode/lz4/compress.ts'
import type { Message } from '../../../src/decode/types.ts'
import type { KafkaRecord } from '../../../src/kernel/shapes/record.ts'
import { encodeFrame, encodeHeader, uint32 } from './lz4/encoder.ts'

const options = { topics: [], maxMessageBytes: 1_000_000 }

function record(value: Buffer | string | null, topic = 'solana.transfers'): KafkaRecord {
  return {
    topic,
    partition: 0,
    offset: 5,
    timestamp: 0,
    key: null,
    value: typeof value === 'string' ? Buffer.from(value) : value,
    headers: undefined,
  }
}

function message(result: ReturnType<ReturnType<typeof createDecoder>['decode']>): Message {
  assert.ok(result.ok, result.ok ? '' : result.error.message)
  return result.message
}

const sample = readFileSync(
  join(import.meta.dirname, '../../fixtures/solana.transfers.2-u64-precision.json'),
)

test('a sample is decoded equally, plain and as LZ4', () => {
  const decoder = createDecoder(options)
  const plain = message(decoder.decode(record(sample)))
  const packed = message(decoder.decode(record(compressLz4Frame(sample))))
  assert.equal(plain.encoding, 'plain')
  assert.equal(packed.encoding, 'lz4')
  assert.deepEqual(packed.document, plain.document)
  assert.equal(plain.events[0]?.amount, 18_446_744_073_709_551_557n)
  assert.deepEqual(packed.events, plain.events)
  assert.equal(packed.events, packed.events)
})

test('a tombstone is a message without a document', () => {
  const decoder = createDecoder({ ...options, topics: [{ pattern: '*', format: 'raw' }] })
  const { document, events } = message(decoder.decode(record(null)))
  assert.equal(document, null)
  assert.deepEqual(events, [])
})

test('the document of a message is its own, whatever was read since, and is parsed once', () => {
  const decoder = createDecoder(options)
  const big = '{"Amount":18446744073709551557,"of":"the first"}'
  const expected = { Amount: '18446744073709551557', of: 'the first' }
  for (const first of [big, `\ufeff${big}`, `\0\0\0\0\u0007${big}`]) {
    for (const value of [Buffer.from(first), compressLz4Frame(Buffer.from(first))]) {
      const read = message(decoder.decode(record(value)))
      message(decoder.decode(record(compressLz4Frame(Buffer.from('["another"]')))))
      assert.deepEqual(read.document, expected)
      assert.equal(read.document, read.document)
      assert.equal(read.bytes, Buffer.byteLength(first))
    }
  }
})

test('messages are the same where every document is read', () => {
  const decoder = createDecoder(options)
  const first = message(decoder.decode(record(sample)))
  for (let count = 0; count < 300; count++) {
    const { document, events } = message(decoder.decode(record(sample)))
    assert.deepEqual(document, first.document)
    assert.deepEqual(events, first.events)
    const refused = decoder.decode(record('{"Amount":'))
    assert.equal(refused.ok ? '' : refused.error.code, 'OCC_JSON_INVALID')
  }
})

test('the topic determines the format', () => {
  const decoder = createDecoder({
    ...options,
    topics: [
      { pattern: 'text.*', format: 'text' },
      { pattern: 'raw', format: 'raw' },
      { pattern: 'quiet', format: 'json', events: 'none' },
    ],
  })
  const bytes = Buffer.from('[1]')
  assert.equal(message(decoder.decode(record(bytes, 'text.x'))).document, '[1]')
  assert.equal(message(decoder.decode(record(compressLz4Frame(bytes), 'text.x'))).document, '[1]')
  assert.equal(message(decoder.decode(record(bytes, 'raw'))).document, bytes)
  assert.deepEqual(message(decoder.decode(record(bytes, 'other'))).document, [1])
  assert.deepEqual(message(decoder.decode(record(sample, 'quiet'))).events, [])
})

test('raw bytes from LZ4 outlive the next record', () => {
  const decoder = createDecoder({ ...options, topics: [{ pattern: '*', format: 'raw' }] })
  const first = message(decoder.decode(record(compressLz4Frame(Buffer.from('the first')))))
  message(decoder.decode(record(compressLz4Frame(Buffer.from('THE OTHER')))))
  assert.equal(String(first.document), 'the first')
})

test('every kind of poison is a coded error, and the next record is read', () => {
  const decoder = createDecoder(options)
  const frame = encodeFrame(sample, { contentChecksum: true })
  const flipped = Buffer.from(frame)
  flipped[100] = (flipped[100] as number) ^ 4
  const notUtf8 = Buffer.from('["\xff"]', 'latin1')
  const poison: ReadonlyArray<[string, Buffer | string]> = [
    ['OCC_LZ4_TRUNCATED', frame.subarray(0, frame.length - 20)],
    ['OCC_LZ4_TRUNCATED', frame.subarray(0, 4)],
    ['OCC_LZ4_TRAILING', Buffer.concat([frame, Buffer.from('{}')])],
    ['OCC_LZ4_TOO_LARGE', Buffer.concat([encodeHeader(0x68, 0x70, 200_000_000), uint32(0)])],
    ['OCC_LZ4_TOO_LARGE', encodeFrame(Buffer.alloc(1_000_001))],
    ['OCC_MESSAGE_TOO_LARGE', Buffer.alloc(1_000_001, 0x20)],
    ['OCC_TEXT_INVALID_UTF8', notUtf8],
    ['OCC_TEXT_INVALID_UTF8', compressLz4Frame(notUtf8)],
    ['OCC_JSON_INVALID', '{"Amount":'],
    ['OCC_JSON_INVALID', ''],
    ['OCC_JSON_INVALID', compressLz4Frame(Buffer.from('{broken}'))],
    ['OCC_JSON_INVALID', '['.repeat(1_000_000)],
  ]
  for (const [code, value] of poison) {
    const result = decoder.decode(record(value))
    assert.equal(result.ok ? 'ok' : result.error.code, code)
    assert.ok(!result.ok && result.error.message.length < 200)
    assert.equal(message(decoder.decode(record(sample))).events.length, 1)
  }
  const result = decoder.decode(record(flipped))
  assert.ok(!result.ok && /^OCC_LZ4_(CHECKSUM|BLOCK)$/.test(result.error.code))
})

test('an unreadable entry is reported once, with its record', () => {
  const told: Array<[number, number]> = []
  const decoder = createDecoder(options, {
    onUnreadable: ({ offset }, entries) => told.push([offset, entries]),
  })
  const broken = sample.toString().replace('"InstructionIndex": 3', '"InstructionIndex": "three"')
  const decoded = message(decoder.decode(record(broken)))
  assert.deepEqual(decoded.events, [])
  assert.deepEqual(decoded.events, [])
  assert.deepEqual(told, [[5, 1]])
})

test('a document of unknown shape is a message without events', () => {
  const decoder = createDecoder(options)
  const { document, events } = message(decoder.decode(record('{"hello":["world"]}', 'new.topic')))
  assert.deepEqual(document, { hello: ['world'] })
  assert.deepEqual(events, [])
})

test('other options apply from the moment they are applied, and unusable ones change nothing', () => {
  const decoder = createDecoder({ ...options, maxMessageBytes: 10 })
  const long = record(compressLz4Frame(Buffer.from('"more than ten bytes"')))
  const refused = decoder.decode(long)
  assert.equal(refused.ok ? '' : refused.error.code, 'OCC_LZ4_TOO_LARGE')
  const unusable = { ...options, topics: [{ pattern: '*', format: 'none' }] }
  assert.throws(() => decoder.prepare(unusable), /no format none/)
  const apply = decoder.prepare({ ...options, topics: [{ pattern: '*', format: 'text' }] })
  assert.deepEqual([decoder.decode(long).ok, decoder.formatOf('any')], [false, 'JSON'])
  apply()
  assert.equal(message(decoder.decode(long)).document, '"more than ten bytes"')
  assert.equal(decoder.formatOf('any'), 'UTF-8 text')
})
