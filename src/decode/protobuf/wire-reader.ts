import protobuf from 'protobufjs'

/** What our reader does otherwise than the library's: the types of 64-bit integers, and a bound. */
interface Integers {
  uint64(): number | string
  int64(): number | string
  sint64(): number | string
  fixed64(): number | string
  sfixed64(): number | string
}

/** The part of the library's reader that is used here. */
interface Base {
  readonly buf: Uint8Array
  pos: number
  readonly len: number
  tag(): number
  size(): number
  fixed32(): number
  skipType(wireType: number, depth?: number, field?: number): this
}

const BufferReader = protobuf.BufferReader as unknown as new (bytes: Buffer) => Base

/**
 * Texts, lists and nested messages of one message. An empty nested message has two bytes and
 * becomes an object of fifty: without the bound, 32 MiB of them would need gigabytes.
 */
export const MAX_PARTS = 1_000_000

const TWO_32 = 2 ** 32
/** The upper half of 2^53: above it a number would be rounded. */
const UNSAFE_HIGH = 2 ** 21

/**
 * The library's reader, except that 64-bit integers are numbers below 2^53 and decimal text from
 * there on, as in JSON documents, and that the parts are counted.
 */
export class WireReader extends BufferReader implements Integers {
  /** The known fields of the message that is being read, by number. */
  fields: ReadonlyMap<number, protobuf.Field> | null = null
  #parts = 0
  #low = 0
  #high = 0

  /** The length of a text, bytes, list or message: the library asks for it exactly once. */
  override size(): number {
    this.#parts += 1
    if (this.#parts > MAX_PARTS) throw new RangeError(`more than ${MAX_PARTS} parts`)
    return super.size()
  }

  /** Of a field that the library does not know, or that has another wire type. */
  override skipType(wireType: number, depth?: number, field?: number): this {
    const known = depth === undefined || field === undefined ? undefined : this.fields?.get(field)
    if (known !== undefined) throw new Error(`its ${known.name} is not a ${known.type}`)
    const outer = this.fields
    // The fields of a group are its own.
    this.fields = null
    super.skipType(wireType, depth, field)
    this.fields = outer
    return this
  }

  uint64(): number | string {
    this.#readVarint()
    return unsigned(this.#high, this.#low)
  }

  int64(): number | string {
    this.#readVarint()
    return signed(this.#high, this.#low)
  }

  sint64(): number | string {
    this.#readVarint()
    const sign = -(this.#low & 1)
    const low = ((this.#low >>> 1) | (this.#high << 31)) ^ sign
    return signed((this.#high >>> 1) ^ sign, low)
  }

  fixed64(): number | string {
    const low = this.fixed32()
    return unsigned(this.fixed32(), low)
  }

  sfixed64(): number | string {
    const low = this.fixed32()
    return signed(this.fixed32(), low)
  }

  /** Leaves the lower and the upper half, as unsigned or signed 32 bits. */
  #readVarint(): void {
    let low = 0
    let high = 0
    for (let shift = 0; shift < 70; shift += 7) {
      if (this.pos >= this.len) throw new RangeError('index out of range')
      const byte = this.buf[this.pos++] as number
      const seven = byte & 0x7f
      if (shift < 28) low |= seven << shift
      else if (shift > 28) high |= seven << (shift - 32)
      else {
        low |= seven << 28
        high = seven >>> 4
      }
      if (byte < 0x80) {
        this.#low = low
        this.#high = high
        return
      }
    }
    throw new Error('invalid varint encoding')
  }
}

function unsigned(high: number, low: number): number | string {
  const upper = high >>> 0
  const lower = low >>> 0
  if (upper < UNSAFE_HIGH) return upper * TWO_32 + lower
  return ((BigInt(upper) << 32n) | BigInt(lower)).toString()
}

function signed(high: number, low: number): number | string {
  const upper = high | 0
  const lower = low >>> 0
  // -2^53 itself has the same upper half as what is below it, and is text like it.
  if (upper < UNSAFE_HIGH && upper >= -UNSAFE_HIGH && (upper !== -UNSAFE_HIGH || lower !== 0)) {
    return upper * TWO_32 + lower
  }
  return ((BigInt(upper) << 32n) | BigInt(lower)).toString()
}
