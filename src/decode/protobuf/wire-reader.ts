import protobuf from 'protobufjs'
import { integers, readVarint, signed, unsigned } from './varint.ts'

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

const MAX_VARINT_BYTES = 10

/**
 * The library's reader, except that 64-bit integers are numbers below 2^53 and decimal text from
 * there on, as in JSON documents, and that the parts are counted.
 */
export class WireReader extends BufferReader implements Integers {
  /** The known fields of the message that is being read, by number. */
  fields: ReadonlyMap<number, protobuf.Field> | null = null
  #parts = 0

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
    return integers.uint64()
  }

  int64(): number | string {
    this.#readVarint()
    return integers.int64()
  }

  sint64(): number | string {
    this.#readVarint()
    return integers.sint64()
  }

  fixed64(): number | string {
    const low = this.fixed32()
    return unsigned(this.fixed32(), low)
  }

  sfixed64(): number | string {
    const low = this.fixed32()
    return signed(this.fixed32(), low)
  }

  #readVarint(): void {
    const end = readVarint(this.buf, this.pos)
    if (end === -1 && this.len - this.pos >= MAX_VARINT_BYTES) {
      throw new Error('invalid varint encoding')
    }
    if (end === -1 || end > this.len) throw new RangeError('index out of range')
    this.pos = end
  }
}
