const TWO_32 = 2 ** 32
/** The upper half of 2^53: above it a number would be rounded. */
const UNSAFE_HIGH = 2 ** 21
const MAX_BITS = 70

/** The halves of the integer that was read last: an object for each would cost more than its reading. */
let low = 0
let high = 0

/** Where it ends; -1: it has no end, or more than ten bytes. */
export function readVarint(bytes: Uint8Array, from: number): number {
  low = 0
  high = 0
  for (let at = from, shift = 0; shift < MAX_BITS; shift += 7) {
    const byte = bytes[at++]
    if (byte === undefined) return -1
    const seven = byte & 0x7f
    if (shift < 28) low |= seven << shift
    else if (shift > 28) high |= seven << (shift - 32)
    else {
      low |= seven << 28
      high = seven >>> 4
    }
    if (byte < 0x80) return at
  }
  return -1
}

/** What `readVarint` has read, as the type of its field says. Decimal text beyond 2^53. */
export const integers = {
  uint32: () => low >>> 0,
  int32: () => low | 0,
  uint64: () => unsigned(high, low),
  int64: () => signed(high, low),
  sint64() {
    const sign = -(low & 1)
    return signed((high >>> 1) ^ sign, ((low >>> 1) | (high << 31)) ^ sign)
  },
}

export function unsigned(high: number, low: number): number | string {
  const upper = high >>> 0
  const lower = low >>> 0
  if (upper < UNSAFE_HIGH) return upper * TWO_32 + lower
  return ((BigInt(upper) << 32n) | BigInt(lower)).toString()
}

export function signed(high: number, low: number): number | string {
  const upper = high | 0
  const lower = low >>> 0
  // -2^53 itself has the same upper half as what is below it, and is text like it.
  if (upper < UNSAFE_HIGH && upper >= -UNSAFE_HIGH && (upper !== -UNSAFE_HIGH || lower !== 0)) {
    return upper * TWO_32 + lower
  }
  return ((BigInt(upper) << 32n) | BigInt(lower)).toString()
}
