import { connectionPrototype, type KafkajsConnection } from './kafkajs-internals.ts'
import { ResponseMemory } from './response-memory.ts'

/** Smaller responses fit into a single read of the socket. */
const LARGE = 64 * 1024

const SIZE_FIELD = 4

interface Response {
  readonly bytes: Buffer<ArrayBuffer>
  filled: number
}

const { processData, disconnect } = connectionPrototype
const filling = new WeakMap<KafkajsConnection, Response>()

/**
 * kafkajs keeps all chunks of a response until it is complete and then copies them into one buffer:
 * twice the memory of every fetch, for as long as it takes. Here a large response gets its buffer
 * as soon as its size is known, and the socket reads the rest straight into it (`placeOf`).
 * Everything else is read into reused memory (security.ts), and kafkajs keeps copies of that.
 */
function processLargeData(this: KafkajsConnection, chunk: Buffer): void {
  const response = responseOf(this)
  if (response === undefined) {
    processData.call(this, Buffer.from(chunk))
    letGo(this)
    return
  }
  const isInPlace = chunk.buffer === response.bytes.buffer
  const taken = isInPlace ? chunk.length : chunk.copy(response.bytes, response.filled)
  response.filled += taken
  if (response.filled < response.bytes.length) return
  filling.delete(this)
  processData.call(this, response.bytes)
  letGo(this)
  if (taken < chunk.length) processLargeData.call(this, chunk.subarray(taken))
}

/** Where to read the rest of the current response; undefined: it is not a large one. */
export function placeOf(connection: KafkajsConnection): Buffer | undefined {
  const response = responseOf(connection)
  return response?.bytes.subarray(response.filled)
}

/** The large response being read; undefined: none. */
function responseOf(connection: KafkajsConnection): Response | undefined {
  const known = filling.get(connection)
  const expected = connection.bytesNeeded
  if (known !== undefined || connection.authHandlers !== null || expected < LARGE) return known
  const response = { bytes: Buffer.allocUnsafeSlow(expected), filled: 0 }
  new ResponseMemory(response.bytes)
  filling.set(connection, response)
  for (const held of connection.chunks) {
    response.filled += held.copy(response.bytes, response.filled)
  }
  connection.chunks = []
  connection.bytesBuffered = 0
  return response
}

/**
 * The rest after the last response is an empty slice of it, which would keep all of it in memory
 * until the next response and be copied with that.
 */
function letGo(connection: KafkajsConnection): void {
  if (connection.bytesBuffered === 0) connection.chunks = []
}

/**
 * kafkajs reconnects the same object without clearing a partial response of the lost connection:
 * the next response would be read from the middle of the old one.
 */
function disconnectAndForget(this: KafkajsConnection): Promise<boolean> {
  filling.delete(this)
  this.chunks = []
  this.bytesBuffered = 0
  this.bytesNeeded = SIZE_FIELD
  return disconnect.call(this)
}

/** Idempotent: call before the first connection. */
export function fillResponsesInPlace(): void {
  connectionPrototype.processData = processLargeData
  connectionPrototype.disconnect = disconnectAndForget
}
