import assert from 'node:assert/strict'
import test from 'node:test'
import type { Message } from '../../../src/decode/types.ts'
import { type Log, type LogFields, silentLog } from '../../../src/kernel/log.ts'
import { createLogSink } from '../../../src/sink/sampled-log.ts'

function createLines() {
  const lines: Array<Record<string, unknown>> = []
  const log: Log = {
    ...silentLog,
    // As the real log does: what a field is in JSON.
    info: (fields: LogFields) => lines.push(JSON.parse(JSON.stringify(fields))),
  }
  return { lines, log }
}

function messageAt(
  offset: number,
  document: Message['document'],
  key: Buffer | null = null,
): Message {
  const record = {
    topic: 'transfers',
    partition: 2,
    offset,
    timestamp: 0,
    key,
    value: Buffer.from('the bytes as they came'),
    headers: undefined,
  }
  return { record, encoding: 'plain', bytes: 22, document, events: [] }
}

test("a line shows the record's coordinates, its key and its decoded value", () => {
  const { lines, log } = createLines()
  createLogSink(1, log).write(messageAt(7, [{ Amount: '18446744073709551557' }], Buffer.from('k')))
  assert.deepEqual(lines, [
    {
      event: 'record.logged',
      topic: 'transfers',
      partition: 2,
      offset: 7,
      key: 'k',
      value: [{ Amount: '18446744073709551557' }],
    },
  ])
})

test('text is written as text, raw bytes in base64, a tombstone as null', () => {
  const { lines, log } = createLines()
  const sink = createLogSink(1, log)
  for (const document of ['text', Buffer.from([0xff, 0x00]), null])
    sink.write(messageAt(0, document))
  assert.deepEqual(
    lines.map(({ value }) => value),
    ['text', '/wA=', null],
  )
})

test('a key that is not text is written in base64', () => {
  const { lines, log } = createLines()
  const sink = createLogSink(1, log)
  for (const key of [Buffer.from('Grüße'), Buffer.from([0xc3, 0x28]), Buffer.alloc(0), null]) {
    sink.write(messageAt(0, null, key))
  }
  assert.deepEqual(
    lines.map(({ key }) => key),
    ['Grüße', 'wyg=', '', null],
  )
})

test('every n-th of many records is written', () => {
  const { lines, log } = createLines()
  const sink = createLogSink(3, log)
  for (let offset = 1; offset <= 10; offset++) sink.write(messageAt(offset, null))
  assert.deepEqual(
    lines.map(({ offset }) => offset),
    [3, 6, 9],
  )
})
