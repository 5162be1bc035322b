import { OccError } from '../../kernel/errors.ts'
import type { TextOf } from '../addresses/remembering.ts'
import { hashText } from '../addresses/text.ts'
import type { PlacedBlock } from '../branches.ts'

/** Reads fields of Protocol Buffers messages, in which absent means zero. */

/** 256 bits: nothing on a chain is larger. */
const MAX_AMOUNT_BYTES = 32
/** What a number holds without loss. */
const EXACT_BYTES = 6
const WORD_BYTES = 8
/** Up to here words take half the time of reading the digits as text. */
const WORDS_BYTES = 16

const octets = new Uint8Array(WORD_BYTES)
const word = new DataView(octets.buffer)

/** Block and time of a message. */
export interface Place extends PlacedBlock {
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
  if (value === 0) return null
  const milliseconds = Number(BigInt(value) / 1_000_000n)
  return milliseconds > 0 ? milliseconds : null
}

/** A big-endian unsigned integer; no bytes are 0. @throws OccError above 256 bits */
export function bigEndian(bytes: Buffer, from: number, to: number): bigint {
  const length = to - from
  if (length > MAX_AMOUNT_BYTES) throw notTheMessage(`an amount of ${length} bytes`)
  if (length <= EXACT_BYTES) return BigInt(numberOf(bytes, from, to))
  if (length > WORDS_BYTES) return BigInt(`0x${hashText(bytes, from, to)}`)
  if (length <= WORD_BYTES) return wordOf(bytes, from, to)
  return (wordOf(bytes, from, to - WORD_BYTES) << 64n) | wordOf(bytes, from, to)
}

function numberOf(bytes: Buffer, from: number, to: number): number {
  let value = 0
  for (let at = from; at < to; at++) value = value * 256 + (bytes[at] as number)
  return value
}

/** The eight bytes before `to`, or those from `from` on. */
function wordOf(bytes: Buffer, from: number, to: number): bigint {
  for (let at = to - WORD_BYTES, own = 0; own < WORD_BYTES; at++, own++) {
    octets[own] = at < from ? 0 : (bytes[at] as number)
  }
  return word.getBigUint64(0)
}

/**
 * A reader of what has that many bytes, or is absent: an empty text. It throws an OccError at another
 * number: then this is another message.
 */
export function sized(length: number, what: string, textOf: TextOf): TextOf {
  return (bytes, from, to) => {
    if (to - from === length) return textOf(bytes, from, to)
    if (from === to) return ''
    throw notTheMessage(`a ${what} of ${to - from} bytes, not ${length}`)
  }
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
