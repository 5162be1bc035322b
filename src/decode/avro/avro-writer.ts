const SEVEN = 0x7fn

/** Writes the binary form of Avro values. */
export class AvroWriter {
  readonly #parts: Uint8Array[] = []

  byte(value: number): void {
    this.#parts.push(Uint8Array.of(value))
  }

  /** An int or a long: zigzag, seven bits a byte. */
  long(value: bigint): void {
    const bytes: number[] = []
    let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n))
    for (; rest > SEVEN; rest >>= 7n) bytes.push(Number(rest & SEVEN) | 0x80)
    bytes.push(Number(rest))
    this.#parts.push(Uint8Array.from(bytes))
  }

  float32(value: number): void {
    const bytes = Buffer.alloc(4)
    bytes.writeFloatLE(value)
    this.#parts.push(bytes)
  }

  double(value: number): void {
    const bytes = Buffer.alloc(8)
    bytes.writeDoubleLE(value)
    this.#parts.push(bytes)
  }

  /** Of a known length. */
  fixed(bytes: Uint8Array): void {
    this.#parts.push(bytes)
  }

  /** Behind their length. */
  bytes(bytes: Uint8Array): void {
    this.long(BigInt(bytes.length))
    this.#parts.push(bytes)
  }

  /** How much was written; `rewind` takes back what follows. */
  get mark(): number {
    return this.#parts.length
  }

  rewind(mark: number): void {
    this.#parts.length = mark
  }

  toBuffer(): Buffer {
    return Buffer.concat(this.#parts)
  }
}
