import assert from 'node:assert/strict'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { CompressionTypes } from 'kafkajs'
import {
  Connection,
  compressionCodecs,
  connectionPrototype,
  encoderPrototype,
  kafkajsVersion,
  requestQueuePrototype,
  topicConfigType,
} from '../../../src/broker/connection/kafkajs-internals.ts'
import { createConnectionLogger } from '../../../src/broker/connection/log-bridge.ts'
import { Writer } from '../../../src/broker/protocol/index.ts'
import { silentLog } from '../../../src/kernel/log.ts'

const require = createRequire(import.meta.url)
const prototypeOf = (path: string) => require(`kafkajs/src/${path}`).prototype
const methods: ReadonlyArray<[prototype: object, names: readonly string[]]> = [
  [requestQueuePrototype, ['scheduleCheckPendingRequests', 'checkPendingRequests']],
  [encoderPrototype, ['writeVarIntBytes']],
  [prototypeOf('network/requestQueue'), ['rejectAll', 'waitForPendingRequests', 'destroy']],
  [
    connectionPrototype,
    [
      'connect',
      'disconnect',
      'authenticate',
      'isConnected',
      'processData',
      'send',
      'setSupportAuthenticationProtocol',
      'setVersions',
    ],
  ],
]

test('kafkajs is exactly the version whose internals are known', () => {
  assert.equal(kafkajsVersion, '2.2.4')
})

for (const [prototype, names] of methods) {
  test(`kafkajs still has ${names.join(', ')}`, () => {
    for (const name of names) {
      assert.equal(typeof Reflect.get(prototype, name), 'function', name)
    }
  })
}

test('kafkajs still reports why it found no coordinator, in its log and its error', () => {
  const cluster = String(require('kafkajs/src/cluster'))
  assert.match(cluster, /'Tried to find group coordinator'/)
  assert.match(cluster, /'Failed to find group coordinator'/)
})

test('codecs and the kind of a setting are where they are registered and looked up', () => {
  assert.equal(typeof compressionCodecs[CompressionTypes.GZIP], 'function')
  const decoder = String(require('kafkajs/src/protocol/message/compression').lookupCodec)
  assert.match(decoder, /Codecs\[type\]/)
  assert.equal(topicConfigType, 2)
})

test('a connection has the fields that a link uses, and asks for them when they are needed', () => {
  const connection = new Connection({
    host: 'nowhere',
    port: 1,
    clientId: 'test',
    logger: createConnectionLogger(silentLog),
    socketFactory: () => assert.fail('not connected'),
    sasl: null,
    connectionTimeout: 1,
    requestTimeout: 1,
    enforceRequestTimeout: false,
  })
  assert.deepEqual(
    [connection.chunks, connection.bytesBuffered, connection.bytesNeeded],
    [[], 0, 4],
  )
  assert.equal(connection.authHandlers, null)
  assert.equal(connection.sessionLifetime.toString(), '0')
  assert.equal(connection.reauthenticationThreshold, 10_000)
  const source = String(Connection)
  // Read at each request, and called by name.
  assert.match(source, /millisSince\.add\(this\.reauthenticationThreshold\)/)
  assert.match(source, /this\.sessionLifetime = Long\.fromValue\(authenticator\.sessionLifetime\)/)
  assert.match(source, /this\.processData\(data\)/)
  // Our socket has its listeners before kafkajs has.
  const socket = String(require('kafkajs/src/network/socket'))
  assert.match(socket, /const socket = socketFactory\([^)]*\)\s+socket\.on\('data', onData\)/)
  // Nothing is taken for a throttle time where there is none.
  assert.match(source, /maybeThrottle\(payloadDecoded\.clientSideThrottleTime\)/)
  const queue = String(require('kafkajs/src/network/requestQueue'))
  assert.match(queue, /if \(this\.enforceRequestTimeout\)/)
})

test('a request is the header of version 1 and what `encode` gave', async () => {
  const createRequest: (
    request: object,
  ) => Promise<{ buffer: Buffer }> = require('kafkajs/src/protocol/request')
  const writer = new Writer().noTags().int32(5)
  const request = { apiKey: 3, apiVersion: 12, encode: async () => writer }
  const { buffer } = await createRequest({ correlationId: 7, clientId: 'me', request })
  assert.equal(buffer.toString('hex'), '000000110003000c0000000700026d650000000005')
})
