import { fold, mix } from './random.ts'
import { base58Alphabet, createBase58Pool, createHexPool } from './text.ts'

/**
 * Signatures (Solana) and hashes (Tron) that look random, are unique within a seed by construction,
 * and can be read back: their last characters encode the index of the message and the position of
 * the transaction in it, shifted by the seed. A test that finds one in a sink knows its message.
 *
 * Natural ids of events are `signature:instruction index` on Solana and the hash on Tron.
 */
export interface Identity {
  transactionId(index: number, transaction: number): string
  /** The message's index and the transaction's position; undefined for a foreign text. */
  find(transactionId: string): { index: number; transaction: number } | undefined
}

const indexDigits = 8
const transactionDigits = 3
const tailDigits = indexDigits + transactionDigits

/** 88 characters, always the base58 form of exactly 64 bytes (first digit 1 to 4; see text.ts). */
export function createSolanaIdentity(seed: number): Identity {
  const salt = fold(seed)
  const pool = createBase58Pool(salt)
  const shifts = Array.from({ length: tailDigits }, (_, digit) => mix(salt, digit, 0x7a11) % 58)

  const write = (number: number, digits: number, firstDigit: number) => {
    let text = ''
    let rest = number
    for (let digit = 0; digit < digits; digit++) {
      const shifted = ((rest % 58) + (shifts[firstDigit + digit] ?? 0)) % 58
      text += base58Alphabet.charAt(shifted)
      rest = Math.floor(rest / 58)
    }
    return text
  }
  const read = (text: string, firstDigit: number) => {
    let number = 0
    for (let digit = text.length - 1; digit >= 0; digit--) {
      const shifted = base58Alphabet.indexOf(text.charAt(digit))
      number = number * 58 + ((shifted + 58 - (shifts[firstDigit + digit] ?? 0)) % 58)
    }
    return number
  }
  const transactionId = (index: number, transaction: number) => {
    const first = mix(salt, index, transaction)
    const second = mix(first, index, 0x51)
    return (
      base58Alphabet.charAt(1 + (first >>> 30)) +
      pool.slice(first, 38) +
      pool.slice(second, 38) +
      write(index, indexDigits, 0) +
      write(transaction, transactionDigits, indexDigits)
    )
  }
  return {
    transactionId,
    find(text) {
      const tail = text.slice(-tailDigits)
      const index = read(tail.slice(0, indexDigits), 0)
      const transaction = read(tail.slice(indexDigits), indexDigits)
      return transactionId(index, transaction) === text ? { index, transaction } : undefined
    },
  }
}

/** 64 hexadecimal digits. */
export function createTronIdentity(seed: number): Identity {
  const salt = fold(seed)
  const pool = createHexPool(salt)
  const hex = (number: number, digits: number) => number.toString(16).padStart(digits, '0')
  const highMask = mix(salt, 1, 0x7a11) & 0xffff
  const lowMask = mix(salt, 2, 0x7a11)
  const placeMask = mix(salt, 3, 0x7a11) & 0xffff
  const transactionId = (index: number, transaction: number) => {
    const first = mix(salt, index, transaction)
    return (
      pool.slice(first, 24) +
      pool.slice(mix(first, index, 0x51), 24) +
      hex(Math.floor(index / 2 ** 32) ^ highMask, 4) +
      hex(((index | 0) ^ lowMask) >>> 0, 8) +
      hex(transaction ^ placeMask, 4)
    )
  }
  return {
    transactionId,
    find(text) {
      const high = Number.parseInt(text.slice(48, 52), 16) ^ highMask
      const low = (Number.parseInt(text.slice(52, 60), 16) ^ lowMask) >>> 0
      const index = high * 2 ** 32 + low
      const transaction = Number.parseInt(text.slice(60), 16) ^ placeMask
      return transactionId(index, transaction) === text ? { index, transaction } : undefined
    },
  }
}
