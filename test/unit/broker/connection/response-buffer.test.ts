import assert from 'node:assert/strict'
import test from 'node:test'
import {
  connectionPrototype,
  type KafkajsConnection,
} from '../../../../src/broker/connection/kafkajs-internals.ts'
import { fillResponsesInPlace, placeOf } from '../../../../src/broker/connection/response-buffer.ts'

fillResponsesInPlace()

interface Received {
  readonly correlationId: number
  readonly payload: Buffer
}

/** A kafkajs connection without a socket: what it is given comes out as responses. */
function createConnection(): { connection: KafkajsConnection; received: Received[] } {
  const received: Received[] = []
  const connection: KafkajsConnection = Object.create(connectionPrototype)
  Object.assign(connection, {
    chunks: [],
    bytesBuffered: 0,
    bytesNeeded: 4,
    authHandlers: null,
    logDebug() {},
    requestQueue: {
      fulfillRequest: ({ correlationId, payload }: Received) =>
        received.push({ correlationId, payload: Buffer.from(payload) }),
      waitForPendingRequests: async () => {},
      destroy() {},
    },
  })
  return { connection, received }
}

function response(correlationId: number, size: number): Buffer {
  const bytes = Buffer.alloc(8 + size, correlationId)
  bytes.writeInt32BE(4 + size, 0)
  bytes.writeInt32BE(correlationId, 4)
  return bytes
}

test('responses of all sizes are complete, however the network splits them', () => {
  const sizes = [0, 10, 70_000, 1, 300_000, 65_528, 65_532, 65_536, 5]
  const stream = Buffer.concat(sizes.map((size, index) => response(index + 1, size)))
  for (const step of [3, 7, 1000, 65_536, 100_001, stream.length]) {
    const { connection, received } = createConnection()
    for (let at = 0; at < stream.length; at += step) {
      connection.processData(stream.subarray(at, at + step))
    }
    assert.deepEqual(
      received.map(({ payload }) => payload.length),
      sizes,
      `cut every ${step} bytes`,
    )
    for (const [index, { correlationId, payload }] of received.entries()) {
      assert.equal(correlationId, index + 1)
      assert.ok(payload.every((byte) => byte === index + 1))
    }
  }
})

test('data is read into its place, or into reused memory', () => {
  const sizes = [10, 70_000, 100]
  const stream = Buffer.concat(sizes.map((size, index) => response(index + 1, size)))
  const { connection, received } = createConnection()
  const memory = Buffer.alloc(40)
  let inPlace = 0
  for (let at = 0; at < stream.length; ) {
    const place = placeOf(connection) ?? memory
    const size = stream.copy(place, 0, at, at + 40_000)
    at += size
    if (place !== memory) inPlace += size
    connection.processData(place.subarray(0, size))
    memory.fill(0xff)
  }
  assert.ok(inPlace > 69_000)
  assert.deepEqual(
    received.map(({ correlationId, payload }) => [correlationId, payload.length]),
    sizes.map((size, index) => [index + 1, size]),
  )
  for (const { correlationId, payload } of received) {
    assert.ok(payload.every((byte) => byte === correlationId))
  }
})

test('a delivered response is not kept until the next one', () => {
  for (const size of [100, 200_000]) {
    const { connection, received } = createConnection()
    connection.processData(response(1, size).subarray(0, 50))
    connection.processData(response(1, size).subarray(50))
    assert.equal(received.length, 1)
    assert.deepEqual(connection.chunks, [])
  }
})

test('after a connection lost inside a response, the next one starts clean', async () => {
  for (const size of [100, 200_000]) {
    const { connection, received } = createConnection()
    connection.processData(response(1, size).subarray(0, size / 2))
    await connection.disconnect()
    connection.processData(response(2, 50))
    assert.deepEqual(
      received.map(({ correlationId, payload }) => [correlationId, payload.length]),
      [[2, 50]],
    )
  }
})
