import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  decodeAssignment,
  encodeAssignment,
} from '../../../../../src/broker/group/assignors/index.ts'

// Got by running `ConsumerProtocol.serializeAssignment` of kafka-clients 4.1.2 (3.9.1 writes the
// same): tron 1, sol 0 and sol 2. Java keeps the order of the partitions, ours are sorted.
const JAVA = '000474726f6e00000001000000010003736f6c000000020000000000000002'
const SORTED = '0003736f6c000000020000000000000002000474726f6e0000000100000001'

const partitions = new Map([
  ['tron', [1]],
  ['sol', [2, 0]],
])
const decode = (text: string) => decodeAssignment(Buffer.from(text, 'hex'))

test('an assignment is written as librdkafka and franz-go do: version 0, no user data', () => {
  assert.equal(encodeAssignment(partitions).toString('hex'), `000000000002${SORTED}ffffffff`)
  assert.equal(encodeAssignment(new Map()).toString('hex'), '000000000000ffffffff')
})

test('an assignment by any leader can be read', () => {
  const expected = new Map([
    ['tron', [1]],
    ['sol', [0, 2]],
  ])
  assert.deepEqual(decode(`000300000002${JAVA}ffffffff`), expected)
  assert.deepEqual(decode(`000000000002${JAVA}00000000`), expected)
  assert.deepEqual(decode(`000300000002${JAVA}000000020102`), expected)
  assert.deepEqual(decode('000300000000ffffffff'), new Map())
})

test('zero bytes mean no partitions', () => {
  assert.deepEqual(decode(''), new Map())
})

test('a truncated or garbled assignment is an error, not fewer partitions', () => {
  for (const bytes of [
    '00',
    'ffff00000000',
    '00030000000200',
    `000300000002${JAVA.slice(0, -2)}`,
  ]) {
    assert.throws(() => decode(bytes), { code: 'OCC_ASSIGNMENT_UNREADABLE' }, bytes)
  }
})
