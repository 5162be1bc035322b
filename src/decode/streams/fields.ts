import type { Json } from '../types.ts'

/**
 * Reads fields of documents whose shape is not guaranteed. A missing or null field is `null`; one
 * with a wrong type is `undefined` and invalidates its event.
 */
export type JsonObject = { readonly [key: string]: Json }

/** 2^256 has 78 digits: nothing on a chain is longer, and conversion takes quadratic time. */
const MAX_DIGITS = 78

export function objectOf(value: Json | undefined): JsonObject | null | undefined {
  if (value === undefined || value === null) return null
  return typeof value === 'object' && !Array.isArray(value) ? value : undefined
}

export function listOf(value: Json | undefined): readonly Json[] | null | undefined {
  if (value === undefined || value === null) return null
  return Array.isArray(value) ? value : undefined
}

/** An empty string is treated as missing: the streams write "none" that way. */
export function textOf(value: Json | undefined): string | null | undefined {
  if (value === undefined || value === null || value === '') return null
  return typeof value === 'string' ? value : undefined
}

/** A missing flag is false: the streams omit false and zero. */
export function flagOf(value: Json | undefined): boolean | undefined {
  if (value === undefined || value === null) return false
  return typeof value === 'boolean' ? value : undefined
}

/** A whole number from 0 to 2^53, as a number or as digits. */
export function countOf(value: Json | undefined): number | null | undefined {
  if (value === undefined || value === null) return null
  const number = typeof value === 'string' && isDigits(value) ? Number(value) : value
  return Number.isSafeInteger(number) && (number as number) >= 0 ? (number as number) : undefined
}

/**
 * The decimals of an asset; null: none that a chain can have, where they are one byte. A larger number, which
 * anybody's token may claim, would make amounts of millions of digits.
 */
export function decimalsOf(value: number): number | null {
  return value >= 0 && value <= 255 ? value : null
}

/** An amount of any size in smallest units, as a number (exact, so below 2^53) or as digits. */
export function amountOf(value: Json | undefined): bigint | null | undefined {
  if (value === undefined || value === null) return null
  if (typeof value === 'string') return isDigits(value) ? BigInt(value) : undefined
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
    ? BigInt(value)
    : undefined
}

function isDigits(text: string): boolean {
  if (text.length === 0 || text.length > MAX_DIGITS) return false
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code < 0x30 || code > 0x39) return false
  }
  return true
}

/** Adds a party once; parties are few, so a search beats a set. */
export function addParty(parties: string[], party: string | null): void {
  if (party !== null && !parties.includes(party)) parties.push(party)
}
