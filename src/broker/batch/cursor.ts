/** Thrown by a cursor; `decodeRecords` turns it into an error that names the batch. */
export class Malformed extends Error {}

/**
 * Reads the fields of records one after another. Never reads at or beyond `end`, whatever the bytes
 * are: the caller sets `end` to where the current record ends.
 */
export class Cursor {
  readonly bytes: Buffer
  at = 0
  end: number

  constructor(bytes: Buffer) {
    this.bytes = bytes
    this.end = bytes.length
  }

  /** A zigzag int32. The usual one or two bytes are read without a loop. */
  varint(what: string): number {
    const { bytes, at, end } = this
    if (at + 1 < end) {
      const first = bytes[at] as number
      if (first < 0x80) {
        this.at = at + 1
        return (first >>> 1) ^ -(first & 1)
      }
      const second = bytes[at + 1] as number
      if (second < 0x80) {
        this.at = at + 2
        const both = (first & 0x7f) | (second << 7)
        return (both >>> 1) ^ -(both & 1)
      }
    }
    return this.#longVarint(what)
  }

  #longVarint(what: string): number {
    let bits = 0
    for (let shift = 0; shift < 35 && this.at < this.end; shift += 7) {
      const byte = this.bytes[this.at++] as number
      bits |= (byte & 0x7f) << shift
      if (byte < 0x80) {
        if (shift === 28 && byte > 0x0f) break
        return (bits >>> 1) ^ -(bits & 1)
      }
    }
    throw new Malformed(`${what} is not a number`)
  }

  /** A zigzag int64; rounded beyond 2^53. */
  varlong(what: string): number {
    const { bytes, at, end } = this
    if (at < end) {
      const first = bytes[at] as number
      if (first < 0x80) {
        this.at = at + 1
        return (first >>> 1) ^ -(first & 1)
      }
    }
    return this.#longVarlong(what)
  }

  #longVarlong(what: string): number {
    let bits = 0n
    for (let shift = 0n; shift < 70n && this.at < this.end; shift += 7n) {
      const byte = this.bytes[this.at++] as number
      bits |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) {
        if (shift === 63n && byte > 1) break
        return Number((bits >> 1n) ^ -(bits & 1n))
      }
    }
    throw new Malformed(`${what} is not a number`)
  }

  /** A slice with the length given before it; null for -1. */
  bytesOrNull(what: string): Buffer | null {
    const length = this.varint(what)
    if (length === -1) return null
    const { at } = this
    if (length < 0 || length > this.end - at) {
      throw new Malformed(`${what} has ${length} bytes, but only ${this.end - at} are left`)
    }
    this.at = at + length
    return this.bytes.subarray(at, at + length)
  }
}
