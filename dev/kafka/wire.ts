import { connect } from 'node:net'
import { CodedError } from '../../src/kernel/errors.ts'

/** Kafka's encoding of a request's fields, in the order of the calls. */
export class WireWriter {
  readonly #parts: Buffer[] = []

  bytes(part: Buffer): this {
    this.#parts.push(part)
    return this
  }

  int8(value: number): this {
    return this.bytes(Buffer.of(value & 0xff))
  }

  int16(value: number): this {
    const part = Buffer.alloc(2)
    part.writeInt16BE(value)
    return this.bytes(part)
  }

  int32(value: number): this {
    const part = Buffer.alloc(4)
    part.writeInt32BE(value)
    return this.bytes(part)
  }

  uvarint(value: number): this {
    let rest = value
    for (; rest > 0x7f; rest >>>= 7) this.int8((rest & 0x7f) | 0x80)
    return this.int8(rest)
  }

  string(value: string): this {
    const text = Buffer.from(value)
    return this.int16(text.length).bytes(text)
  }

  array<T>(values: readonly T[], each: (value: T) => void): this {
    this.int32(values.length)
    values.forEach(each)
    return this
  }

  /** "Compact" fields, those of the flexible versions, carry their length plus one as a varint. */
  compactString(value: string): this {
    const text = Buffer.from(value)
    return this.uvarint(text.length + 1).bytes(text)
  }

  compactArray<T>(values: readonly T[], each: (value: T) => void): this {
    this.uvarint(values.length + 1)
    values.forEach(each)
    return this
  }

  /** Flexible versions end each structure with its tagged fields: none here. */
  noTags(): this {
    return this.uvarint(0)
  }

  toBuffer(): Buffer {
    return Buffer.concat(this.#parts)
  }
}

/** Reads a response's fields in the order of the calls. */
export class WireReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  #skip(count: number): number {
    const at = this.#at
    this.#at += count
    return at
  }

  int8(): number {
    return this.#bytes.readInt8(this.#skip(1))
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#skip(2))
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#skip(4))
  }

  uvarint(): number {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = this.#bytes.readUInt8(this.#skip(1))
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value
    }
  }

  #text(length: number): string {
    const at = this.#skip(Math.max(length, 0))
    return this.#bytes.toString('utf8', at, this.#at)
  }

  /** Empty if it is null. */
  string(): string {
    return this.#text(this.int16())
  }

  compactString(): string {
    return this.#text(this.uvarint() - 1)
  }

  array<T>(each: () => T): T[] {
    return Array.from({ length: Math.max(this.int32(), 0) }, each)
  }

  compactArray<T>(each: () => T): T[] {
    return Array.from({ length: Math.max(this.uvarint() - 1, 0) }, each)
  }

  skipTags(): void {
    for (let count = this.uvarint(); count > 0; count--) {
      this.uvarint()
      this.#skip(this.uvarint())
    }
  }
}

export interface WireRequest {
  readonly apiKey: number
  readonly apiVersion: number
  /** Whether that version is flexible, which also adds tagged fields to the headers. */
  readonly flexible: boolean
  readonly body: WireWriter
}

const CLIENT_ID = 'embedded-kafka'

/**
 * Sends one request on its own plaintext connection and reads the response.
 * @throws OccError OCC_KAFKA_NODE, retriable, if there is no answer
 */
export async function ask(
  address: string,
  request: WireRequest,
  milliseconds = 5_000,
): Promise<WireReader> {
  const { apiKey, apiVersion, flexible, body } = request
  const message = new WireWriter().int16(apiKey).int16(apiVersion).int32(1).string(CLIENT_ID)
  if (flexible) message.noTags()
  const payload = message.bytes(body.toBuffer()).toBuffer()
  const answer = await exchange(address, new WireWriter().int32(payload.length).bytes(payload))
  const reader = new WireReader(answer)
  reader.int32() // the correlation id
  if (flexible) reader.skipTags()
  return reader

  async function exchange(target: string, framed: WireWriter): Promise<Buffer> {
    const at = target.lastIndexOf(':')
    const socket = connect(Number(target.slice(at + 1)), target.slice(0, at))
    const deadline = AbortSignal.timeout(milliseconds)
    const onDeadline = () => socket.destroy(new Error(`no answer in ${milliseconds} ms`))
    deadline.addEventListener('abort', onDeadline)
    try {
      socket.write(framed.toBuffer())
      let received: Buffer = Buffer.alloc(0)
      for await (const chunk of socket as AsyncIterable<Buffer>) {
        received = Buffer.concat([received, chunk])
        if (received.length < 4) continue
        const end = 4 + received.readInt32BE(0)
        if (received.length >= end) return received.subarray(4, end)
      }
      throw new Error('the connection was closed without an answer')
    } catch (cause) {
      throw new CodedError('OCC_KAFKA_NODE', `${target} does not answer: is it running?`, {
        cause,
        retriable: true,
      })
    } finally {
      deadline.removeEventListener('abort', onDeadline)
      socket.destroy()
    }
  }
}
