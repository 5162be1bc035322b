import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import {
  consumerGroupPrototype,
  kafkajsVersion,
  requestQueuePrototype,
} from '../../../src/broker/connection/kafkajs-internals.ts'

const require = createRequire(import.meta.url)
const prototypeOf = (path: string) => require(`kafkajs/src/${path}`).prototype
const methods: ReadonlyArray<[prototype: object, names: readonly string[]]> = [
  [consumerGroupPrototype, ['joinAndSync', 'recoverFromOffsetOutOfRange', 'assigned']],
  [requestQueuePrototype, ['scheduleCheckPendingRequests', 'checkPendingRequests']],
  [
    prototypeOf('consumer/offsetManager'),
    ['getCoordinator', 'commitOffsets', 'committedOffsets', 'nextOffset', 'seek'],
  ],
  [prototypeOf('cluster'), ['refreshMetadata', 'findTopicPartitionMetadata', 'fetchTopicsOffset']],
  [prototypeOf('broker'), ['offsetFetch']],
]

test('kafkajs is exactly the version whose insides are known', () => {
  assert.equal(kafkajsVersion, '2.2.4')
})

for (const [prototype, names] of methods) {
  test(`kafkajs still has ${names.join(', ')}`, () => {
    for (const name of names) {
      assert.equal(typeof Reflect.get(prototype, name), 'function', name)
    }
  })
}

test('the hooks sit where kafkajs calls the methods by name', () => {
  const group = String(require('kafkajs/src/consumer/consumerGroup'))
  assert.match(group, /await this\.recoverFromOffsetOutOfRange\(e\)/)
  assert.match(group, /await this\.joinAndSync\(\)/)
  assert.match(String(require('kafkajs/src/consumer/runner')), /consumerGroup\.joinAndSync\(\)/)
  const cluster = String(require('kafkajs/src/cluster'))
  assert.match(cluster, /'Tried to find group coordinator'/)
  assert.match(cluster, /'Failed to find group coordinator'/)
})
