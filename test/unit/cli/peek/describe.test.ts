import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { describeRecord } from '../../../../src/cli/peek/describe.ts'
import { createInspector } from '../../../../src/cli/peek/inspect.ts'
import { compressLz4Frame } from '../../../../src/decode/lz4/compress.ts'
import { headersFrom } from '../../../../src/kernel/shapes/record.ts'
import { fakeIo } from '../../../support/fake-io.ts'

const inspect = createInspector({ topics: [], maxMessageBytes: 1e7 })

function fixture(name: string): Buffer {
  return readFileSync(join(import.meta.dirname, '../../../fixtures', `${name}.json`))
}

function describe(value: Buffer | null, key: Buffer | null = null): string {
  const headers = headersFrom([['trace', Buffer.from('secret')]])
  const place = { topic: 'some.topic', partition: 1, offset: 5, timestamp: 1000 }
  return describeRecord(inspect({ ...place, key, value, headers }), fakeIo())
}

test('says what the decoder found: place, sizes, encoding, stream, events, names of headers', () => {
  const text = describe(compressLz4Frame(fixture('solana.transfers.1-block-batch')))
  assert.match(text, /^some\.topic\/1\/5 {2}1970-01-01T00:00:01\.000Z\n/)
  assert.match(text, /value +[\d.]+ kB, lz4; [\d.]+ kB unpacked\n/)
  assert.match(text, /decoded +lz4, json\n/)
  assert.match(text, /stream +solana\.transfers\n/)
  assert.match(text, /events +2\n/)
  assert.match(text, /headers +trace\n/)
  assert.match(text, /transfer on solana {2}\w+ → \w+ {2}[\d.]+ \S+ {2}succeeded {2}id \w+:7/)
  assert.doesNotMatch(text, /secret/)
})

test('says why a record cannot be decoded', () => {
  assert.match(
    describe(Buffer.from('{"a":')),
    /decoded +OCC_JSON_INVALID: not JSON: it ends too early/,
  )
})

test('shows the beginning of what has no event, and counts events that cannot be read', () => {
  assert.match(describe(Buffer.from('{"block":7}')), /stream +none known\n(?:.*\n)*.*\{"block":7\}/)
  const broken = '[{"Transaction":{"Signature":"x"},"Transfer":{"InstructionIndex":"no"}}]'
  assert.match(
    describe(Buffer.from(broken)),
    /stream +solana\.transfers\n +events +0, 1 unreadable/,
  )
  assert.match(describe(null), /value +none \(a tombstone\)/)
})

test('bytes of a stranger cannot steer the terminal', () => {
  const topics = [{ pattern: '*', format: 'text' }]
  const asText = createInspector({ topics, maxMessageBytes: 1e7 })
  const headers = headersFrom([['\u001b[2J', null]])
  const place = { topic: 'notes', partition: 0, offset: 0, timestamp: 0 }
  const key = Buffer.from('\u001b]0;title\u0007\u009b')
  const value = Buffer.from('a\u009b2J \u001b[2J b\u202ec')
  const text = describeRecord(asText({ ...place, key, value, headers }), fakeIo())
  assert.match(text, /a 2J {2}\[2J b\\u202ec/)
  assert.doesNotMatch(text, /[^\P{Cc}\n]/u)
})
