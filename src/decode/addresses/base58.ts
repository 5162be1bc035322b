const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
const CODES = Uint8Array.from(ALPHABET, (digit) => digit.charCodeAt(0))

/** Digits and bits that are divided at once: their product must stay below 2^53. */
const DIGITS = 5
const DIVISOR = 58 ** DIGITS
const LIMB_BITS = 22
const LIMB = 2 ** LIMB_BITS

/** Longer bytes are no address, hash or signature, and the time would grow with their square. */
export const MAX_BASE58_BYTES = 128
const limbs = new Float64Array(Math.ceil((MAX_BASE58_BYTES * 8) / LIMB_BITS))
const text = Buffer.alloc(Math.ceil(MAX_BASE58_BYTES * 1.4) + DIGITS)

/** @throws RangeError for more than 128 bytes. */
export function base58(bytes: Uint8Array): string {
  if (bytes.length > MAX_BASE58_BYTES) throw new RangeError('too long for base58')
  let zeros = 0
  while (zeros < bytes.length && bytes[zeros] === 0) zeros++
  let count = toLimbs(bytes, zeros)
  let at = text.length
  let first = 0
  while (first < count) {
    let remainder = 0
    for (let index = first; index < count; index++) {
      const value = remainder * LIMB + (limbs[index] as number)
      const quotient = Math.floor(value / DIVISOR)
      limbs[index] = quotient
      remainder = value - quotient * DIVISOR
    }
    while (first < count && limbs[first] === 0) first++
    for (let digit = 0; digit < DIGITS; digit++) {
      const next = Math.floor(remainder / 58)
      text[--at] = CODES[remainder - next * 58] as number
      remainder = next
    }
  }
  count = text.length
  while (at < count && text[at] === CODES[0]) at++
  for (let zero = 0; zero < zeros; zero++) text[--at] = CODES[0] as number
  return text.toString('latin1', at, count)
}

/** Writes the bytes from `start` on to `limbs`, most significant first; returns their number. */
function toLimbs(bytes: Uint8Array, start: number): number {
  const count = Math.ceil(((bytes.length - start) * 8) / LIMB_BITS)
  let index = count
  let held = 0
  let bits = 0
  for (let at = bytes.length - 1; at >= start; at--) {
    held |= (bytes[at] as number) << bits
    bits += 8
    if (bits >= LIMB_BITS) {
      limbs[--index] = held & (LIMB - 1)
      held >>>= LIMB_BITS
      bits -= LIMB_BITS
    }
  }
  if (index > 0) limbs[0] = held
  return count
}
