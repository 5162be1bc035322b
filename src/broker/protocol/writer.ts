const FIRST_SIZE = 256

/**
 * Writes a request in Kafka's encoding into a growing buffer. `buf`, `buffer` and `size` are what
 * kafkajs reads from an encoder, so its connections accept this class.
 */
export class Writer {
  buf: Buffer
  #length = 0

  constructor(size = FIRST_SIZE) {
    this.buf = Buffer.allocUnsafe(size)
  }

  /** The bytes written so far; shares the memory. */
  get buffer(): Buffer {
    return this.buf.subarray(0, this.#length)
  }

  size(): number {
    return this.#length
  }

  int8(value: number): this {
    const at = this.#grow(1)
    this.buf.writeInt8(value, at)
    return this
  }

  boolean(value: boolean): this {
    return this.int8(value ? 1 : 0)
  }

  int16(value: number): this {
    const at = this.#grow(2)
    this.buf.writeInt16BE(value, at)
    return this
  }

  int32(value: number): this {
    const at = this.#grow(4)
    this.buf.writeInt32BE(value, at)
    return this
  }

  int64(value: number | bigint): this {
    const at = this.#grow(8)
    if (typeof value === 'bigint') this.buf.writeBigInt64BE(value, at)
    else {
      // Avoids a bigint per offset, of which a fetch has three per partition.
      this.buf.writeInt32BE(Math.floor(value / 2 ** 32), at)
      this.buf.writeUInt32BE(value >>> 0, at + 4)
    }
    return this
  }

  /** LEB128, used for the lengths of compact types. */
  unsignedVarint(value: number): this {
    let rest = value >>> 0
    while (rest > 0x7f) {
      this.#byte((rest & 0x7f) | 0x80)
      rest >>>= 7
    }
    return this.#byte(rest)
  }

  /** 32 bits, in zigzag encoding. */
  varint(value: number): this {
    return this.unsignedVarint((value << 1) ^ (value >> 31))
  }

  string(value: string): this {
    const size = Buffer.byteLength(value)
    return this.int16(size).#text(value, size)
  }

  nullableString(value: string | null): this {
    return value === null ? this.int16(-1) : this.string(value)
  }

  bytes(value: Uint8Array): this {
    return this.int32(value.length).raw(value)
  }

  nullableBytes(value: Uint8Array | null): this {
    return value === null ? this.int32(-1) : this.bytes(value)
  }

  array<Item>(items: readonly Item[], write: (item: Item) => void): this {
    this.int32(items.length)
    for (const item of items) write(item)
    return this
  }

  nullableArray<Item>(items: readonly Item[] | null, write: (item: Item) => void): this {
    return items === null ? this.int32(-1) : this.array(items, write)
  }

  compactString(value: string): this {
    const size = Buffer.byteLength(value)
    return this.unsignedVarint(size + 1).#text(value, size)
  }

  compactNullableString(value: string | null): this {
    return value === null ? this.unsignedVarint(0) : this.compactString(value)
  }

  compactBytes(value: Uint8Array): this {
    return this.unsignedVarint(value.length + 1).raw(value)
  }

  compactArray<Item>(items: readonly Item[], write: (item: Item) => void): this {
    this.unsignedVarint(items.length + 1)
    for (const item of items) write(item)
    return this
  }

  compactNullableArray<Item>(items: readonly Item[] | null, write: (item: Item) => void): this {
    return items === null ? this.unsignedVarint(0) : this.compactArray(items, write)
  }

  /** No tagged fields: this consumer sends none. */
  noTags(): this {
    return this.unsignedVarint(0)
  }

  /** Raw bytes, without a length. */
  raw(value: Uint8Array): this {
    const at = this.#grow(value.length)
    this.buf.set(value, at)
    return this
  }

  #byte(value: number): this {
    const at = this.#grow(1)
    this.buf[at] = value
    return this
  }

  #text(value: string, size: number): this {
    const at = this.#grow(size)
    this.buf.write(value, at, size, 'utf8')
    return this
  }

  /** Makes room for this many more bytes and returns where they begin. May replace `buf`. */
  #grow(size: number): number {
    const start = this.#length
    this.#length += size
    if (this.#length > this.buf.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.#length, 2 * this.buf.length))
      this.buf.copy(larger, 0, 0, start)
      this.buf = larger
    }
    return start
  }
}
