import assert from 'node:assert/strict'
import { test } from 'node:test'
import { headersFrom, type KafkaRecord } from '../../../src/kernel/shapes/record.ts'
import { packRecords, unpackRecords } from '../../../src/workers/packing.ts'

const where = { topic: 't', partition: 7 }

test('packed records are restored unchanged', () => {
  const records: KafkaRecord[] = [
    {
      ...where,
      offset: 2 ** 53 - 1,
      timestamp: -1,
      key: Buffer.from([0, 255, 128]),
      value: Buffer.from('value'),
      headers: headersFrom([
        ['a', Buffer.from([200])],
        ['b', 'text'],
        ['c', [Buffer.from('x'), 'y', null]],
        ['d', null],
        ['', Buffer.alloc(0)],
        ['__proto__', 'p'],
      ]),
    },
    { ...where, offset: 0, timestamp: 1.5e12, key: null, value: null, headers: undefined },
    {
      ...where,
      offset: 1,
      timestamp: 0,
      key: Buffer.alloc(0),
      value: Buffer.alloc(0),
      headers: headersFrom([]),
    },
  ]
  assert.deepEqual(unpackRecords(packRecords(records), where), records)
  assert.deepEqual(unpackRecords(packRecords([]), where), [])
})

test('a packed batch contains copies: the original memory may be overwritten', () => {
  const fetched = Buffer.from('before')
  const record = {
    ...where,
    offset: 1,
    timestamp: 0,
    key: null,
    value: fetched,
    headers: undefined,
  }
  const packed = packRecords([record])
  fetched.fill('x')
  assert.equal(String(unpackRecords(packed, where)[0]?.value), 'before')
})

test('missing headers stay missing, and existing ones are restored, whatever their names', () => {
  const names = ['constructor', '__proto__', 'toString']
  for (const own of names) {
    const headers = Object.fromEntries([[own, Buffer.from('mine')]])
    const record = { ...where, offset: 1, timestamp: 0, key: null, value: null, headers }
    const [back] = unpackRecords(packRecords([record]), where)
    assert.deepEqual(
      names.map((name) => String(back?.headers?.[name])),
      names.map((name) => (name === own ? 'mine' : 'undefined')),
    )
  }
})
