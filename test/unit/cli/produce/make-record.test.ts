import assert from 'node:assert/strict'
import test from 'node:test'
import { createMakeRecord } from '../../../../src/cli/produce/make-record.ts'
import { produceSettings } from '../../../../src/cli/produce/settings.ts'
import { createDecoder } from '../../../../src/decode/decoder.ts'

const NOW = Date.UTC(2026, 0, 31, 12)

function make(text: string, flags: Parameters<typeof produceSettings>[0] = {}, isFile = false) {
  const settings = produceSettings({ topic: 't', ...flags }, NOW)
  const bytes = Buffer.from(text)
  return createMakeRecord(settings, null)({ place: 'in:7', bytes, isFile })
}

test('a line of read --json keeps everything that it says; a flag replaces it', () => {
  const line = JSON.stringify({
    ...{ topic: 'other', partition: 3, offset: 9, timestamp: '2026-01-31T12:00:00.000Z' },
    ...{ key: 'k', headers: { a: '1', b: { base64: 'AP8=' } }, value: { n: 1 } },
  })
  const record = make(line, { headers: 'a=2' })
  assert.deepEqual(
    [record.topic, record.partition, record.timestamp, record.key?.toString()],
    ['t', 3, NOW, 'k'],
  )
  assert.equal(record.value?.toString(), '{"n":1}')
  assert.deepEqual(
    [record.headers['a'], record.headers['b']],
    [Buffer.from('2'), Buffer.from([0, 255])],
  )
  const replaced = make(line, { partition: '0', timestamp: '1h' })
  assert.deepEqual([replaced.partition, replaced.timestamp], [0, NOW - 3_600_000])
})

test('any other line is a value: JSON as it is, text, or an LZ4 frame', () => {
  const digits = '{"n": 12345678901234567890}'
  const plain = make(digits)
  assert.deepEqual(
    [plain.value?.toString(), plain.key, plain.partition, plain.timestamp],
    [digits, null, null, null],
  )
  assert.equal(make('hello', { value: 'text' }).value?.toString(), 'hello')
  const { value } = make(digits, { value: 'lz4' })
  const decoder = createDecoder({ topics: [], maxMessageBytes: 1_000 })
  const place = { topic: 't', partition: 0, offset: 0, timestamp: 0, key: null, headers: undefined }
  const decoded = decoder.decode({ ...place, value })
  assert.ok(decoded.ok)
  assert.deepEqual(
    [decoded.message.encoding, decoded.message.document],
    ['lz4', { n: '12345678901234567890' }],
  )
  assert.equal(make('no json', {}, true).value?.toString(), 'no json')
})

test('a key is the field as it was sent: text, or a number with all its digits', () => {
  for (const [value, key] of [
    ['"a"', 'a'],
    ['12345678901234567890', '12345678901234567890'],
    ['7', '7'],
    ['true', 'true'],
  ]) {
    assert.equal(make(`{"a":{"b":${value}}}`, { key: 'a.b' }).key?.toString(), key)
  }
  for (const value of ['null', '[]', '{}']) {
    assert.throws(() => make(`{"a":${value}}`, { key: 'a' }), /it has no text or number at a/)
  }
})

test('what is wrong names its line', () => {
  assert.throws(() => make('{"torn":'), /^OccError: in:7: it is not JSON: .*--value text or raw$/)
  assert.throws(() => make('{"a":{}}', { key: 'a.b' }), /in:7: it has no text or number at a\.b/)
  assert.throws(() => make('{"topic":"t","value":1,"partition":-1}'), /in:7: partition is -1/)
  const settings = produceSettings({}, NOW)
  const item = { place: 'in:1', bytes: Buffer.from('{}'), isFile: false }
  assert.throws(
    () => createMakeRecord(settings, null)(item),
    /in:1: it names no topic; give --topic/,
  )
})

test('JSON is given to the encoder of a schema with all digits of its integers', () => {
  const settings = produceSettings({ topic: 't', value: 'avro', schema: 's.avsc' }, NOW)
  const encode = (json: unknown) => Buffer.from(JSON.stringify(json))
  const record = createMakeRecord(
    settings,
    encode,
  )({
    ...{ place: 'in:1', isFile: false },
    bytes: Buffer.from('{"amount": 18446744073709551615, "n": 1.5}'),
  })
  assert.equal(record.value?.toString(), '{"amount":"18446744073709551615","n":1.5}')
})

test('a schema belongs to Avro, which needs one or a topic with a rule', () => {
  const usage = (message: RegExp) => ({ code: 'OCC_USAGE', message })
  assert.throws(
    () => produceSettings({ schema: 's' }, NOW),
    usage(/--schema belongs to --value avro/),
  )
  assert.throws(() => produceSettings({ value: 'avro' }, NOW), usage(/needs --schema, or --topic/))
})
