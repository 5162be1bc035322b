import { connectionPrototype, type KafkajsConnection } from './kafkajs-internals.ts'
import { ResponseMemory } from './response-memory.ts'

/** Smaller responses fit into one read of the socket. */
const LARGE = 64 * 1024

const SIZE_FIELD = 4

const { processData, disconnect } = connectionPrototype
const filling = new WeakMap<KafkajsConnection, { bytes: Buffer<ArrayBuffer>; filled: number }>()

/**
 * kafkajs keeps all chunks of a response until it is whole and then copies them into one buffer:
 * twice the memory of every fetch, for as long as the fetch takes. Here a large response gets its
 * buffer as soon as its size is known, and each chunk is free once it is copied in. A chunk is the
 * memory that its socket reads into again (security.ts): what kafkajs keeps of it is a copy.
 */
function processLargeData(this: KafkajsConnection, chunk: Buffer): void {
  let response = filling.get(this)
  if (response === undefined) {
    const expected = this.bytesNeeded
    if (this.authHandlers !== null || expected < LARGE) {
      processData.call(this, Buffer.from(chunk))
      letGo(this)
      return
    }
    response = { bytes: Buffer.allocUnsafeSlow(expected), filled: 0 }
    new ResponseMemory(response.bytes)
    filling.set(this, response)
    for (const held of this.chunks) response.filled += held.copy(response.bytes, response.filled)
    this.chunks = []
    this.bytesBuffered = 0
  }
  const taken = chunk.copy(response.bytes, response.filled)
  response.filled += taken
  if (response.filled < response.bytes.length) return
  filling.delete(this)
  processData.call(this, response.bytes)
  letGo(this)
  if (taken < chunk.length) processLargeData.call(this, chunk.subarray(taken))
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
