import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { createInspector, inspectionToLine } from '../../../../src/cli/peek/inspect.ts'
import { lineToRecord } from '../../../../src/cli/records/record-line.ts'
import { createDecoder } from '../../../../src/decode/decoder.ts'
import { compressLz4Frame } from '../../../../src/decode/lz4/compress.ts'
import { headersFrom, type KafkaRecord } from '../../../../src/kernel/shapes/record.ts'

const options = { topics: [{ pattern: 'notes', format: 'text' }], maxMessageBytes: 1e7 }
const inspect = createInspector(options)
const decoder = createDecoder(options)

function recordOf(value: Buffer | null, fields: Partial<KafkaRecord> = {}): KafkaRecord {
  return {
    topic: 'solana.transfers',
    partition: 3,
    offset: 17,
    timestamp: Date.UTC(2026, 0, 31, 12, 0, 0, 123),
    key: Buffer.from('a key'),
    value,
    headers: undefined,
    ...fields,
  }
}

/** The record after it was printed and read. */
function reread(record: KafkaRecord): KafkaRecord {
  const read = lineToRecord(inspectionToLine(inspect(record)))
  assert.ok(read)
  return read
}

const u64 = readFileSync(
  join(import.meta.dirname, '../../../fixtures/solana.transfers.2-u64-precision.json'),
)

for (const [name, value] of [
  ['plain', u64],
  ['an LZ4 frame', compressLz4Frame(u64)],
] as const) {
  test(`a printed record decodes to the same message: ${name}`, () => {
    const record = recordOf(value)
    const [before, after] = [record, reread(record)].map((each) => decoder.decode(each))
    assert.ok(before?.ok && after?.ok)
    assert.ok(before.message.events.some(({ amount }) => (amount ?? 0n) > 2n ** 53n))
    assert.deepEqual(after.message.events, before.message.events)
    assert.deepEqual(after.message.document, before.message.document)
    assert.equal(after.message.encoding, before.message.encoding)
  })
}

test('the document is part of the line, with all digits of its numbers', () => {
  const line = inspectionToLine(inspect(recordOf(compressLz4Frame(u64))))
  assert.match(line, /"encoding":"lz4","value":\[\{"Block":\{.*"Amount":18446744073709551557,/)
})

test('what is not JSON stays as it is, byte for byte', () => {
  const values = {
    tombstone: recordOf(null),
    empty: recordOf(Buffer.alloc(0)),
    'broken JSON': recordOf(Buffer.from('{"a":1')),
    'a torn frame': recordOf(compressLz4Frame(u64).subarray(0, 40)),
    'no UTF-8': recordOf(Buffer.from([0xff, 0xfe, 0])),
    text: recordOf(Buffer.from('{ "a":   1 } \t"'), { topic: 'notes' }),
    'a JSON text': recordOf(Buffer.from('"12"')),
  }
  for (const [name, record] of Object.entries(values)) {
    assert.deepEqual(reread(record).value, record.value, name)
  }
})

test('key, headers, place and time are kept', () => {
  const headers = headersFrom([
    ['text', Buffer.from('grüße')],
    ['bytes', Buffer.from([0, 255])],
    ['none', null],
    ['many', [Buffer.from('a'), null, Buffer.from([200])]],
  ])
  const record = recordOf(Buffer.from('[]'), { key: Buffer.from([1, 200]), headers })
  assert.deepEqual(reread(record), record)
})

test('any other line is the value of a message', () => {
  for (const line of [
    '[1]',
    '{"topic":"a"}',
    '{"topic":"a","value":1,"other":2}',
    'not json',
    '7',
  ]) {
    assert.equal(lineToRecord(line), null, line)
  }
})

test('a wrong field is named with what to write', () => {
  for (const [line, message] of [
    ['{"topic":"a","value":1}', 'offset is missing; write an integer from 0'],
    ['{"topic":"a","offset":-1,"value":1}', 'offset is -1; write an integer from 0'],
    ['{"topic":7,"offset":1,"value":1}', 'topic is 7; write a topic name'],
    [
      '{"topic":"a","offset":1,"value":1,"timestamp":"noon"}',
      'timestamp is "noon"; write 2026-01-31T12:00:00Z, or milliseconds since 1970',
    ],
    [
      '{"topic":"a","offset":1,"value":1,"timestamp":"2026-01-31T12:00:00"}',
      'timestamp is "2026-01-31T12:00:00"; write 2026-01-31T12:00:00Z, or milliseconds since 1970',
    ],
    [
      '{"topic":"a","offset":1,"value":1,"encoding":"gzip"}',
      'encoding is "gzip"; write lz4, or leave it out',
    ],
    [
      '{"topic":"a","offset":1,"value":1,"headers":{"h":5}}',
      'headers.h is 5; write text, null, or {"base64": "..."}',
    ],
  ] as const) {
    assert.throws(() => lineToRecord(line), { code: 'OCC_SAMPLE', message })
  }
})
