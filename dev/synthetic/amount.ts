import type { Random } from './random.ts'

/** An unsigned 64-bit amount in the forms that messages contain; never a rounded number. */
export interface Amount {
  /** Decimal digits. */
  readonly text: string
  readonly high: number
  readonly low: number
}

const two32 = 2 ** 32

export type DrawAmount = (random: Random) => Amount

/** From its two halves, each an unsigned 32-bit integer. */
export function amountOf(high: number, low: number): Amount {
  // Below 2^53 a number holds it exactly; BigInt is ten times slower and only needed above.
  const text =
    high < 2 ** 21 ? String(high * two32 + low) : ((BigInt(high) << 32n) | BigInt(low)).toString()
  return { text, high, low }
}

const maximum = amountOf(0xffffffff, 0xffffffff)
/** 2^53 + 1: the smallest integer that JSON.parse rounds. */
const firstUnsafe = amountOf(2 ** 21, 1)

/** From dust to whales, up to 2^44: 17 million of a token with 6 decimals. */
export function everydayAmount(random: Random): Amount {
  return amountOfBits(8 + random.below(37), random)
}

/** Mostly amounts of up to 48 bits; one in twenty is beyond 2^53, up to 2^64 - 1. */
export function extremeAmount(random: Random): Amount {
  const roll = random.below(1000)
  if (roll < 2) return maximum
  if (roll < 4) return firstUnsafe
  if (roll < 50) return amountOf(2 ** 21 + random.below(two32 - 2 ** 21), random.next())
  return amountOfBits(8 + random.below(41), random)
}

/** All bit lengths are equally likely, as with real transfers. */
function amountOfBits(bits: number, random: Random): Amount {
  const high = bits > 32 ? random.below(2 ** (bits - 32)) : 0
  return amountOf(high, bits > 32 ? random.next() : random.below(2 ** bits))
}

const hexBytes = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
const hexByte = (byte: number) => hexBytes[byte & 0xff] ?? '00'

/** Eight bytes, least significant first: the argument form of Solana programs. */
export function littleEndianHex({ high, low }: Amount): string {
  let text = ''
  for (const half of [low, high]) {
    for (let shift = 0; shift < 32; shift += 8) text += hexByte(half >>> shift)
  }
  return text
}

/** 32 bytes, most significant first: the uint256 form of the EVM and Tron. */
export function uint256Hex({ high, low }: Amount): string {
  return high.toString(16).padStart(56, '0') + low.toString(16).padStart(8, '0')
}
