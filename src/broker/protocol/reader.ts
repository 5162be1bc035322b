import { OccError } from '../../kernel/errors.ts'

const TWO_TO_32 = 0x1_0000_0000

/**
 * Reads an answer in Kafka's encoding. Everything is checked against the end of the buffer, so
 * malformed bytes become an error, never a loop or a huge array.
 * @throws OccError OCC_PROTOCOL from every method
 */
export class Reader {
  readonly #buffer: Buffer
  /** Name of the answer, for errors: `Fetch v11 answer`. */
  readonly #name: string
  #at = 0

  constructor(buffer: Buffer, name = 'answer') {
    this.#buffer = buffer
    this.#name = name
  }

  get position(): number {
    return this.#at
  }

  get remaining(): number {
    return this.#buffer.length - this.#at
  }

  int8(): number {
    return this.#buffer.readInt8(this.#take(1, 'int8'))
  }

  boolean(): boolean {
    return this.int8() !== 0
  }

  int16(): number {
    return this.#buffer.readInt16BE(this.#take(2, 'int16'))
  }

  int32(): number {
    return this.#buffer.readInt32BE(this.#take(4, 'int32'))
  }

  /**
   * An offset, or another int64 that fits into a number.
   * @throws OccError OCC_OFFSET_RANGE beyond 2^53
   */
  int64(): number {
    const at = this.#take(8, 'int64')
    const value = this.#buffer.readInt32BE(at) * TWO_TO_32 + this.#buffer.readUInt32BE(at + 4)
    if (Number.isSafeInteger(value)) return value
    throw new OccError(
      'OCC_OFFSET_RANGE',
      `The broker sent ${this.#buffer.readBigInt64BE(at)} in byte ${at} of its ${this.#name}; ` +
        'offsets above 2^53 are not supported',
    )
  }

  bigint64(): bigint {
    return this.#buffer.readBigInt64BE(this.#take(8, 'int64'))
  }

  /** LEB128 of at most 32 bits. */
  unsignedVarint(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#buffer[this.#take(1, 'varint')] ?? 0
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return value >>> 0
    }
    throw this.#broken('varint', 'has more than 5 bytes')
  }

  /** 32 bits, in zigzag encoding. */
  varint(): number {
    const value = this.unsignedVarint()
    return (value >>> 1) ^ -(value & 1)
  }

  string(): string {
    return this.#present(this.nullableString(), 'string')
  }

  nullableString(): string | null {
    return this.#text(this.int16(), 'string')
  }

  bytes(): Buffer {
    return this.#present(this.nullableBytes(), 'bytes')
  }

  /** Shares the memory of the answer. */
  nullableBytes(): Buffer | null {
    return this.#slice(this.int32(), 'bytes')
  }

  array<Item>(read: () => Item): Item[] {
    return this.#present(this.nullableArray(read), 'array')
  }

  nullableArray<Item>(read: () => Item): Item[] | null {
    return this.#items(this.int32(), read)
  }

  compactString(): string {
    return this.#present(this.compactNullableString(), 'compact string')
  }

  compactNullableString(): string | null {
    return this.#text(this.unsignedVarint() - 1, 'compact string')
  }

  compactBytes(): Buffer {
    return this.#present(this.#slice(this.unsignedVarint() - 1, 'compact bytes'), 'compact bytes')
  }

  compactArray<Item>(read: () => Item): Item[] {
    return this.#present(this.#items(this.unsignedVarint() - 1, read), 'compact array')
  }

  /** A UUID as text; null if it is zero, which means none. */
  uuid(): string | null {
    const at = this.#take(16, 'uuid')
    const hex = this.#buffer.toString('hex', at, at + 16)
    if (/^0+$/.test(hex)) return null
    return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5')
  }

  /** Skips tagged fields: none is used here. */
  skipTags(): void {
    const count = this.unsignedVarint()
    for (let index = 0; index < count; index++) {
      this.unsignedVarint()
      this.#take(this.unsignedVarint(), 'tagged field')
    }
  }

  #text(size: number, what: string): string | null {
    if (size === -1) return null
    const at = this.#take(size, what)
    return this.#buffer.toString('utf8', at, at + size)
  }

  #slice(size: number, what: string): Buffer | null {
    if (size === -1) return null
    const at = this.#take(size, what)
    return this.#buffer.subarray(at, at + size)
  }

  #items<Item>(count: number, read: () => Item): Item[] | null {
    if (count === -1) return null
    // Each item takes at least a byte.
    if (count < 0 || count > this.remaining) {
      throw this.#broken('array', `cannot have ${count} items in ${this.remaining} bytes`)
    }
    const items: Item[] = []
    for (let index = 0; index < count; index++) items.push(read())
    return items
  }

  #take(size: number, what: string): number {
    const at = this.#at
    if (size < 0) throw this.#broken(what, `cannot have ${size} bytes`)
    if (size > this.remaining) throw this.#broken(what, `has ${size} bytes`)
    this.#at += size
    return at
  }

  #present<Value>(value: Value | null, what: string): Value {
    if (value === null) throw this.#broken(what, 'is null')
    return value
  }

  #broken(what: string, problem: string): OccError {
    return new OccError(
      'OCC_PROTOCOL',
      `The ${this.#name} is not readable: ${what} at byte ${this.#at} of ` +
        `${this.#buffer.length} ${problem}`,
      { retriable: true },
    )
  }
}
