import { createHash } from 'node:crypto'
import { createRandom, type Random } from './random.ts'

export const base58Alphabet = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'
const hexAlphabet = '0123456789abcdef'

/** Random text to take slices from: drawing each character separately would be too slow. */
export interface TextPool {
  /** `length` characters from a position chosen by `place` (any unsigned 32-bit integer). */
  slice(place: number, length: number): string
}

const poolLength = 1 << 16
const longestSlice = 512

function createPool(alphabet: string, random: Random): TextPool {
  const codes = Buffer.allocUnsafe(poolLength + longestSlice)
  for (let i = 0; i < codes.length; i++) {
    codes[i] = alphabet.charCodeAt(random.below(alphabet.length))
  }
  const text = codes.toString('latin1')
  return {
    slice: (place, length) => text.substr(place & (poolLength - 1), length),
  }
}

export const createBase58Pool = (seed: number) =>
  createPool(base58Alphabet, createRandom(seed, 0xb58, 1))
export const createHexPool = (seed: number) => createPool(hexAlphabet, createRandom(seed, 0x16, 1))

/**
 * 44 characters that are always the base58 form of exactly 32 bytes: with a first digit from 1 to
 * 16 the number is between 58^43 > 2^248 and 17 * 58^43 < 2^256.
 */
export function randomAddress(random: Random): string {
  let text = base58Alphabet.charAt(1 + random.below(16))
  for (let i = 0; i < 43; i++) text += base58Alphabet.charAt(random.below(58))
  return Buffer.from(text, 'latin1').toString('latin1')
}

/** Base58 of bytes; leading zero bytes become leading ones. For start-up, not for the hot path. */
export function base58(bytes: Buffer): string {
  let number = BigInt(`0x${bytes.toString('hex') || '0'}`)
  let text = ''
  while (number > 0n) {
    text = base58Alphabet.charAt(Number(number % 58n)) + text
    number /= 58n
  }
  for (const byte of bytes) {
    if (byte !== 0) break
    text = `1${text}`
  }
  return text
}

export interface TronAddress {
  /** `T...`, base58check. */
  readonly text: string
  /** The 20 bytes without the network's 0x41, as in arguments of contracts. */
  readonly hex: string
}

export function tronAddress(random: Random): TronAddress {
  const bytes = Buffer.alloc(21)
  bytes[0] = 0x41
  for (let i = 1; i < 21; i += 4) bytes.writeUInt32BE(random.next(), i)
  const once = createHash('sha256').update(bytes).digest()
  const checksum = createHash('sha256').update(once).digest().subarray(0, 4)
  return { text: base58(Buffer.concat([bytes, checksum])), hex: bytes.toString('hex', 1) }
}
