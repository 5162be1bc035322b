/** Castagnoli's polynomial, bits reversed. */
const POLYNOMIAL = 0x82f63b78

/** Bytes per step, each with a table of its own. */
const SLICES = 8

/**
 * 256 entries for each byte of a step: table n is the effect of a byte on the remainder when n more
 * bytes follow it.
 */
export const crcTable = makeTable()

function makeTable(): Int32Array {
  const table = new Int32Array(SLICES * 256)
  for (let byte = 0; byte < 256; byte++) {
    let remainder = byte
    for (let bit = 0; bit < 8; bit++) {
      remainder = remainder & 1 ? (remainder >>> 1) ^ POLYNOMIAL : remainder >>> 1
    }
    table[byte] = remainder
  }
  for (let entry = 256; entry < table.length; entry++) {
    const before = table[entry - 256] as number
    table[entry] = (before >>> 8) ^ (table[before & 0xff] as number)
  }
  return table
}

/**
 * The remainder (int32, not yet inverted) after `bytes[from, to)`, eight bytes a step. @param
 * remainder before those bytes
 */
export function updateByTable(
  remainder: number,
  bytes: Uint8Array,
  from: number,
  to: number,
): number {
  const table = crcTable
  let state = remainder
  let at = from
  for (const last = to - 8; at <= last; at += 8) {
    state ^=
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24)
    state =
      (table[1792 + (state & 0xff)] as number) ^
      (table[1536 + ((state >>> 8) & 0xff)] as number) ^
      (table[1280 + ((state >>> 16) & 0xff)] as number) ^
      (table[1024 + (state >>> 24)] as number) ^
      (table[768 + (bytes[at + 4] as number)] as number) ^
      (table[512 + (bytes[at + 5] as number)] as number) ^
      (table[256 + (bytes[at + 6] as number)] as number) ^
      (table[bytes[at + 7] as number] as number)
  }
  for (; at < to; at++) {
    state = (state >>> 8) ^ (table[(state ^ (bytes[at] as number)) & 0xff] as number)
  }
  return state
}
