import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  decodeSubscription,
  encodeSubscription,
} from '../../../../../src/broker/group/assignors/index.ts'
import type { AssignorName } from '../../../../../src/broker/types.ts'

// Got by running `ConsumerProtocol.serializeSubscription` of kafka-clients 4.1.2 (3.9.1 writes the
// same) with the user data of the assignor named: topics tron and sol; "later": after an assignment
// of tron 1, sol 0 and sol 2 in generation 7, in rack eu-1.
const TOPICS = '000000020003736f6c000474726f6e'
const OWNED = '000000020003736f6c000000020000000000000002000474726f6e0000000100000001'
const RACK = '000465752d31'
const NO_RACK = 'ffff'
const JAVA = {
  'sticky first': `0003${TOPICS}ffffffff00000000ffffffff${NO_RACK}`,
  'sticky later': `0003${TOPICS}00000027${OWNED}000000070000000000000007${RACK}`,
  'cooperative-sticky first': `0003${TOPICS}00000004ffffffff00000000ffffffff${NO_RACK}`,
  'cooperative-sticky later': `0003${TOPICS}0000000400000007${OWNED}00000007${RACK}`,
  'range later': `0003${TOPICS}ffffffff0000000000000007${RACK}`,
  'roundrobin later': `0003${TOPICS}ffffffff0000000000000007${RACK}`,
} as const

const owned = new Map([
  ['tron', [1]],
  ['sol', [2, 0]],
])
const sorted = new Map([
  ['sol', [0, 2]],
  ['tron', [1]],
])
const nothing = new Map<string, number[]>()
const first = { topics: ['tron', 'sol'], owned: nothing, generation: -1, rackId: null }
const later = { topics: ['tron', 'sol'], owned, generation: 7, rackId: 'eu-1' }

const hex = (text: string) => Buffer.from(text, 'hex')
const decode = (text: string, protocol: AssignorName) =>
  decodeSubscription('member-1', hex(text), protocol)

describe('writes what Java writes', () => {
  for (const [name, golden] of Object.entries(JAVA)) {
    test(name, () => {
      const [assignor, when] = name.split(' ') as [AssignorName, string]
      const encoded = encodeSubscription(when === 'first' ? first : later, assignor)
      assert.equal(encoded.toString('hex'), golden)
    })
  }
})

describe('reading', () => {
  test('sticky: the former assignment and its generation from the user data', () => {
    assert.deepEqual(decode(JAVA['sticky later'], 'sticky'), {
      memberId: 'member-1',
      groupInstanceId: null,
      topics: ['sol', 'tron'],
      owned: sorted,
      generation: 7,
      rackId: 'eu-1',
    })
    const before = decode(JAVA['sticky first'], 'sticky')
    assert.deepEqual([before.owned, before.generation, before.rackId], [nothing, -1, null])
  })

  test('sticky of Kafka before 2.3: user data without a generation', () => {
    const { owned, generation } = decode(`0000${TOPICS}00000023${OWNED}`, 'sticky')
    assert.deepEqual([owned, generation], [sorted, -1])
  })

  test('cooperative-sticky: the fields of the protocol', () => {
    const { owned, generation } = decode(JAVA['cooperative-sticky later'], 'cooperative-sticky')
    assert.deepEqual([owned, generation], [sorted, 7])
  })

  test('cooperative-sticky of Java 2.4 to 3.2: version 1, its generation in the user data', () => {
    const { owned, generation } = decode(
      `0001${TOPICS}0000000400000007${OWNED}`,
      'cooperative-sticky',
    )
    assert.deepEqual([owned, generation], [sorted, 7])
  })

  test('cooperative-sticky of librdkafka and franz-go: user data as in sticky', () => {
    const bytes = `0003${TOPICS}00000027${OWNED}00000006${OWNED}00000007${NO_RACK}`
    const { owned, generation } = decode(bytes, 'cooperative-sticky')
    assert.deepEqual([owned, generation], [sorted, 7])
    const older = decode(`0001${TOPICS}00000027${OWNED}00000006${OWNED}`, 'cooperative-sticky')
    assert.deepEqual([older.owned, older.generation], [sorted, 6])
  })

  test('librdkafka before its first assignment: empty user data, not null', () => {
    const bytes = `0003${TOPICS}0000000000000000ffffffff${NO_RACK}`
    for (const protocol of ['range', 'sticky', 'cooperative-sticky'] as const) {
      const { topics, owned, generation } = decode(bytes, protocol)
      assert.deepEqual([topics, owned, generation], [['sol', 'tron'], nothing, -1])
    }
  })

  test('a future version: known fields are read, the rest is skipped', () => {
    const bytes = `0009${JAVA['cooperative-sticky later'].slice(4)}cafe`
    const { owned, generation, rackId } = decode(bytes, 'cooperative-sticky')
    assert.deepEqual([owned, generation, rackId], [sorted, 7, 'eu-1'])
  })

  test('an instance id comes from the answer to JoinGroup, not from the bytes', () => {
    const bytes = hex(JAVA['range later'])
    assert.equal(decodeSubscription('m', bytes, 'range', 'pod-0').groupInstanceId, 'pod-0')
  })
})

describe('unreadable subscriptions', () => {
  test('a subscription that ends anywhere after its topics is read without its claims', () => {
    const whole = hex(JAVA['cooperative-sticky later'])
    const topicsEnd = 2 + hex(TOPICS).length
    for (let length = topicsEnd; length < whole.length; length++) {
      const cut = whole.subarray(0, length)
      const { topics, owned } = decodeSubscription('m', cut, 'cooperative-sticky')
      assert.deepEqual(topics, ['sol', 'tron'])
      // What is complete counts: it may still be consumed. A part of it does not.
      const complete = length >= topicsEnd + 8 + hex(OWNED).length
      assert.deepEqual(owned, complete ? sorted : nothing, `${length} bytes`)
    }
  })

  test('garbage in the user data is not a claim', () => {
    const garbage = ['00', '7fffffff', 'ffffff00', '00000002000373', '0000000100037fffff7fffffff']
    for (const data of garbage) {
      const length = (data.length / 2).toString(16).padStart(8, '0')
      const bytes = `0003${TOPICS}${length}${data}0000000000000007${NO_RACK}`
      const { owned, generation } = decode(bytes, 'sticky')
      assert.deepEqual([owned, generation], [nothing, -1], data)
    }
  })

  test('topics that cannot be read are an error that names the member', () => {
    for (const bytes of [
      '',
      '00',
      '0003',
      '0003000000020003736f',
      '00037fffffff',
      'ffff00000000',
    ]) {
      assert.throws(
        () => decode(bytes, 'range'),
        { code: 'OCC_SUBSCRIPTION_UNREADABLE', message: /member "member-1"/ },
        bytes,
      )
    }
  })
})
