import { connectionPrototype, type KafkajsConnection } from './kafkajs-internals.ts'
import { ResponseMemory } from './response-memory.ts'

/** Smaller responses fit into one read of the socket. */
const LARGE = 64 * 1024

const SIZE_FIELD = 4

interface Response {
  readonly bytes: Buffer<ArrayBuffer>
  filled: number
}

const { processData, disconnect } = connectionPrototype
const filling = new WeakMap<KafkajsConnection, Response>()

/**
 * kafkajs keeps all chunks of a response until it is whole and then copies them into one buffer:
 * twice the memory of every fetch, for as long as the fetch takes. Here a large response gets its
 * buffer as soon as its size is known, and the socket reads the rest of it right into that (`placeOf`).
 * All else is read into memory that is used again (security.ts): what kafkajs keeps of it is a copy.
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

/** Where the rest of the response belongs that the connection is reading; undefined: of no large one. */
export function placeOf(connection: KafkajsConnection): Buffer | undefined {
  const response = responseOf(connection)
  return response?.bytes.subarray(response.filled)
}

/** The large response that is being read. undefined: none is, as far as is known. */
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
 * What is left behind the last response is an empty slice of it, which would keep all of it in
 * memory until the next one comes, and would be copied together with that.
 */
function letGo(connection: KafkajsConnection): void {
  if (connection.bytesBuffered === 0) connection.chunks = []
}

/**
 * kafkajs connects the same object again and never clears what it had of a response when the
 * connection broke: the next response would be read from the middle of the old one.
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
