import { isUtf8 } from 'node:buffer'
import { MAX_PARTS, WireReader } from '../protobuf/wire-reader.ts'

const MAX_DEPTH = 100

/**
 * Reads the values of one Avro message. Avro's integers are those of Protocol Buffers: varints in
 * zigzag. Bounds, because a count of a trillion items without bytes is a valid list in Avro.
 */
export class AvroReader extends WireReader {
  readonly #bytes: Buffer
  #parts = 0
  #depth = 0

  constructor(bytes: Buffer) {
    super(bytes)
    this.#bytes = bytes
  }

  /** Bytes that are left. */
  get rest(): number {
    return this.len - this.pos
  }

  /** Below 2^53 a number, beyond it decimal text. */
  long(): number | string {
    return this.#short() ?? this.sint64()
  }

  /** A length, an index, or the number of items of a block. */
  count(): number {
    const count = this.#short() ?? this.sint64()
    if (typeof count === 'number') return count
    throw new RangeError(`a length of ${count}`)
  }

  int(): number {
    const value = this.#short() ?? this.sint64()
    if (typeof value === 'number' && value === (value | 0)) return value
    throw new RangeError(`an int of ${value}`)
  }

  byte(): number {
    return this.#bytes[this.#advance(1)] as number
  }

  float32(): number {
    return this.#bytes.readFloatLE(this.#advance(4))
  }

  float64(): number {
    return this.#bytes.readDoubleLE(this.#advance(8))
  }

  /** A view. @param length bytes; without it, the length comes first. */
  take(length = this.count()): Buffer {
    const from = this.#advance(length)
    return this.#bytes.subarray(from, from + length)
  }

  text(): string {
    const from = this.#advance(this.count())
    // Nearly every text is ASCII, where each byte is a character.
    for (let at = from; at < this.pos; at++) {
      if ((this.#bytes[at] as number) >= 0x80) return this.#utf8(from)
    }
    return this.#bytes.toString('latin1', from, this.pos)
  }

  /** Each item of a list, entry of a map, and record counts, and fields that have no bytes. */
  part(count = 1): void {
    this.#parts += count
    if (this.#parts > MAX_PARTS) throw new RangeError(`more than ${MAX_PARTS} parts`)
  }

  enter(): void {
    this.#depth += 1
    if (this.#depth > MAX_DEPTH) throw new RangeError(`more than ${MAX_DEPTH} levels`)
  }

  leave(): void {
    this.#depth -= 1
  }

  /** A number of one byte, as nearly all are; null: it has more. */
  #short(): number | null {
    const byte = this.#bytes[this.pos]
    if (byte === undefined || byte >= 0x80) return null
    this.pos += 1
    return (byte >>> 1) ^ -(byte & 1)
  }

  #utf8(from: number): string {
    const bytes = this.#bytes.subarray(from, this.pos)
    if (!isUtf8(bytes)) throw new RangeError('a text that is not UTF-8')
    return bytes.toString('utf8')
  }

  #advance(length: number): number {
    const from = this.pos
    if (length < 0) throw new RangeError(`a length of ${length}`)
    if (length > this.rest) throw new RangeError('index out of range')
    this.pos += length
    return from
  }
}
