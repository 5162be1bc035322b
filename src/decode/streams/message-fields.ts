import { OccError } from '../../kernel/errors.ts'
import { hashText } from '../addresses/text.ts'
import type { Block } from '../types.ts'

/** Reads fields of Protocol Buffers messages, in which absent means zero. */

/** 256 bits: nothing on a chain is larger. */
const MAX_AMOUNT_BYTES = 32
/** What a number holds without loss. */
const EXACT_BYTES = 6
/** Up to here pieces of that size take half the time of reading the digits as text. */
const PIECES_BYTES = 16

/** Block and time of a message. */
export interface Place {
  readonly block: Block
  /** Milliseconds since the epoch. */
  readonly time: number | null
}

/** Seconds since the epoch as milliseconds; null for zero, which says that the block has no time. */
export function secondsOf(value: number | string): number | null {
  return typeof value === 'number' && value > 0 ? value * 1000 : null
}

/** Milliseconds since the epoch; null for zero. */
export function millisecondsOf(value: number | string): number | null {
  return typeof value === 'number' && value > 0 ? value : null
}

/** Nanoseconds since the epoch as milliseconds; null for zero. */
export function nanosecondsOf(value: number | string): number | null {
  const milliseconds = Number(BigInt(value) / 1_000_000n)
  return milliseconds > 0 ? milliseconds : null
}

/** A big-endian unsigned integer; no bytes are 0. */
export function bigEndian(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n
  if (bytes.length > MAX_AMOUNT_BYTES) {
    throw notTheMessage(`an amount of ${bytes.length} bytes`)
  }
  if (bytes.length > PIECES_BYTES) return BigInt(`0x${hashText(bytes)}`)
  let at = bytes.length % EXACT_BYTES
  let value = BigInt(numberOf(bytes, 0, at))
  for (; at < bytes.length; at += EXACT_BYTES) {
    value = (value << 48n) | BigInt(numberOf(bytes, at, at + EXACT_BYTES))
  }
  return value
}

function numberOf(bytes: Uint8Array, from: number, to: number): number {
  let value = 0
  for (let at = from; at < to; at++) value = value * 256 + (bytes[at] as number)
  return value
}

/** @throws OccError if it does not have that many bytes: then this is another message. */
export function sized(bytes: Uint8Array, length: number, what: string): Uint8Array {
  if (bytes.length === length) return bytes
  throw notTheMessage(`a ${what} of ${bytes.length} bytes, not ${length}`)
}

export function notTheMessage(found: string): OccError {
  return new OccError('OCC_PROTOBUF_INVALID', `it holds ${found}`)
}

/** Adds a party once; parties are few, so a search beats a set. */
export function addText(parties: string[], party: string): void {
  if (party !== '' && !parties.includes(party)) parties.push(party)
}

/**
 * Ids of the events of a message: the transaction, a colon, and the number of the event. A number
 * that comes again in its transaction gets a second one: no two events share an id.
 */
export function eventIds(suffix = ''): (transaction: string, number: number) => string {
  const seen = new Map<string, number>()
  return (transaction, number) => {
    const id = `${transaction}:${number}${suffix}`
    const before = seen.get(id) ?? 0
    seen.set(id, before + 1)
    return before === 0 ? id : `${id}:${before}`
  }
}
