import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeRecord, varint, writeBatch } from '../../../support/records/record-batches.ts'
import { plain, readAll } from './reading.ts'

const TIME = 1_700_000_000_000

function reasonOf(bytes: Buffer): string {
  try {
    readAll(bytes)
  } catch (error) {
    assert.ok(error instanceof Error)
    assert.equal('code' in error && error.code, 'OCC_BATCH_CORRUPT')
    return error.message
  }
  return 'nothing'
}

test('all fields of a record are read', () => {
  const records = [
    { key: 'k', value: 'v', timestamp: TIME + 5 },
    { key: null, value: null, timestamp: TIME - 300_000 },
    { key: '', value: '', timestamp: TIME + 2 ** 40 },
    { key: Buffer.alloc(300, 1), value: Buffer.alloc(70_000, 2) },
  ]
  const read = readAll(writeBatch({ baseOffset: 2 ** 40, records })).map(plain)
  assert.deepEqual(
    read,
    records.map(({ key, value, timestamp = TIME }, index) => ({
      topic: 'chain',
      partition: 3,
      offset: 2 ** 40 + index,
      timestamp,
      key: key === null ? null : Buffer.from(key),
      value: value === null ? null : Buffer.from(value),
      headers: {},
    })),
  )
})

test("the broker's timestamp is used if the header says so", () => {
  const records = [{ timestamp: TIME + 1 }, { timestamp: TIME + 2 }]
  const read = readAll(writeBatch({ records, logAppendTime: true, maxTimestamp: TIME + 99 }))
  assert.deepEqual(
    read.map(({ timestamp }) => timestamp),
    [TIME + 99, TIME + 99],
  )
})

test('headers: several of a name in their order, null and empty apart, any name', () => {
  const [record] = readAll(
    writeBatch({
      records: [
        {
          headers: [
            ['a', 'one'],
            ['constructor', 'c'],
            ['__proto__', 'p'],
            ['a', null],
            ['null', null],
            ['', ''],
            ['é', 'é'],
            ['a', 'three'],
            ['toString', null],
            ['toString', null],
          ],
        },
      ],
    }),
  )
  const headers = record?.headers
  assert.ok(headers)
  assert.equal(Object.getPrototypeOf(headers), null)
  assert.deepEqual(Object.entries(headers), [
    ['a', [Buffer.from('one'), null, Buffer.from('three')]],
    ['constructor', Buffer.from('c')],
    ['__proto__', Buffer.from('p')],
    ['null', null],
    ['', Buffer.alloc(0)],
    ['é', Buffer.from('é')],
    ['toString', [null, null]],
  ])
})

test('records without headers share an empty object that nobody can fill', () => {
  const [one, other] = readAll(writeBatch({ records: [{}, {}] }))
  assert.equal(one?.headers, other?.headers)
  assert.ok(Object.isFrozen(one?.headers))
  assert.deepEqual(Object.keys(one?.headers ?? { none: 1 }), [])
})

test('records below the position are left out, and holes are allowed', () => {
  const records = [5, 6, 9, 20].map((offset) => ({ offset, value: String(offset) }))
  const bytes = writeBatch({ baseOffset: 3, records, lastOffsetDelta: 30 })
  const offsets = (from: number) => readAll(bytes, from).map(({ offset }) => offset)
  assert.deepEqual(offsets(0), [5, 6, 9, 20])
  assert.deepEqual(offsets(6), [6, 9, 20])
  assert.deepEqual(offsets(7), [9, 20])
  assert.deepEqual(offsets(21), [])
})

test('a timestamp of 2^53 and more, as in nanoseconds, is rounded', () => {
  const body = Buffer.concat([
    varint(15),
    Buffer.from([0]),
    varint(1_700_000_000_000_000_000n),
    varint(0),
    varint(-1),
    varint(-1),
    varint(0),
  ])
  body[0] = (body.length - 1) * 2
  const [record] = readAll(writeBatch({ body, count: 1, baseTimestamp: 0 }))
  assert.equal(record?.timestamp, 1.7e18)
})

test('a batch with inconsistent numbers is rejected, and the message says where', () => {
  const good = encodeRecord({ key: 'k', value: 'v', headers: [['h', 'x']] }, 0, 0)
  const second = encodeRecord({ key: 'k', value: 'v' }, 1, 0)
  const broken = (change: (record: Buffer) => void) => {
    const record = Buffer.from(good)
    change(record)
    return writeBatch({
      baseOffset: 7,
      body: Buffer.concat([record, second]),
      count: 2,
      lastOffsetDelta: 1,
    })
  }
  const set = (at: number, byte: number) => (record: Buffer) => record.set([byte], at)
  // length 0, attributes 1, time 2, offset 3, key 4 and 5, value 6 and 7, headers 8: name 9, value 11
  assert.equal(reasonOf(broken(() => {})), 'nothing')
  assert.match(
    reasonOf(broken(set(0, 2 * 60))),
    /batch at offset 7 of chain\/3.*record 1 of 2: its length is/,
  )
  assert.match(reasonOf(broken(set(0, 1))), /record 1 of 2: its length is -1/)
  assert.match(reasonOf(broken(set(0, 10))), /its length is 5/)
  assert.match(reasonOf(broken(set(3, 1))), /record 1 of 2: it has offset 6, after 6/)
  assert.match(reasonOf(broken(set(3, 2))), /record 2 of 2: it has offset 8, after 8/)
  assert.match(reasonOf(broken(set(3, 4))), /record 1 of 2: it has offset 9/)
  assert.match(reasonOf(broken(set(4, 3))), /its key has -2 bytes/)
  assert.match(reasonOf(broken(set(4, 80))), /its key has 40 bytes/)
  assert.match(reasonOf(broken(set(6, 80))), /its value has 40 bytes/)
  assert.match(reasonOf(broken(set(8, 1))), /it has -1 headers/)
  assert.match(reasonOf(broken(set(8, 80))), /it has 40 headers/)
  assert.match(reasonOf(broken(set(8, 0))), /it ends 4 bytes before its declared length/)
  assert.match(reasonOf(broken(set(8, 4))), /the name of a header is not a number/)
  assert.match(reasonOf(broken(set(9, 1))), /a header has no name/)
  assert.match(reasonOf(broken(set(11, 6))), /a header has 3 bytes, but only 1 are left/)
})

test('a count that does not match the records is rejected', () => {
  const body = Buffer.concat([encodeRecord({}, 0, 0), encodeRecord({}, 1, 0)])
  const of = (count: number) => reasonOf(writeBatch({ body, count, lastOffsetDelta: 2 ** 31 - 1 }))
  assert.equal(of(2), 'nothing')
  assert.match(of(1), /7 bytes are left after its 1 records/)
  assert.match(of(0), /14 bytes are left after its 0 records/)
  assert.match(of(3), /its header counts 3 records in 14 bytes/)
  assert.match(of(2 ** 31 - 1), /its header counts 2147483647 records in 14 bytes/)
})

test('numbers with too many bytes are rejected, padded ones are not', () => {
  const record = (length: readonly number[], time: readonly number[]) => {
    const rest = Buffer.from([0, ...time, 0, 1, 1, 0])
    return writeBatch({ body: Buffer.concat([Buffer.from(length), rest]), count: 1 })
  }
  const noNumber = /record 1 of 1: its (length|time) is not a number/
  assert.equal(reasonOf(record([0x8c, 0x80, 0x80, 0x80, 0x00], [0])), 'nothing')
  assert.match(reasonOf(record([0x8c, 0x80, 0x80, 0x80, 0x10], [0])), noNumber)
  assert.match(reasonOf(record([0x8c, 0x80, 0x80, 0x80, 0x80, 0x00], [0])), noNumber)
  const nine = new Array<number>(9).fill(0x80)
  assert.equal(reasonOf(record([30], [...nine, 1])), 'nothing')
  assert.match(reasonOf(record([30], [...nine, 2])), noNumber)
  assert.match(reasonOf(record([32], [...nine, 0x80, 0])), noNumber)
})
