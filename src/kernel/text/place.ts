import { parseDuration } from './units.ts'
import { readZonedTime } from './zoned-time.ts'

/** A place in a partition, as people write it. Milliseconds since the epoch. */
export type Place =
  | { readonly kind: 'beginning' }
  | { readonly kind: 'end' }
  | { readonly kind: 'offset'; readonly offset: number }
  /** So many records back from where the reader of the text says. */
  | { readonly kind: 'back'; readonly records: number }
  | { readonly kind: 'time'; readonly time: number }

/** The forms, for messages. */
export const TIMES = 'an age (2h), or a time with its zone (2026-01-31T12:00:00Z)'
export const PLACES = `BEGINNING, END, an OFFSET, -1000 (records back), ${TIMES}`

const WORDS: Readonly<Record<string, 'beginning' | 'end'>> = {
  beginning: 'beginning',
  earliest: 'beginning',
  end: 'end',
  latest: 'end',
}

/**
 * Reads a place, or says what is wrong with the text.
 * @param now milliseconds since the epoch; ages count back from it
 * @param choices what may be written here
 */
export function readPlace(text: string, now: number, choices = PLACES): Place | string {
  const word = WORDS[text.toLowerCase()]
  if (word !== undefined) return { kind: word }
  const [, back, digits] = /^(-?)(\d+)$/.exec(text) ?? []
  if (digits !== undefined) {
    const value = Number(digits)
    if (!Number.isSafeInteger(value)) return `${text} is no offset: it is above 2^53`
    return back === '' ? { kind: 'offset', offset: value } : { kind: 'back', records: value }
  }
  const time = readTime(text, now, choices)
  return typeof time === 'string' ? time : { kind: 'time', time }
}

/** As `readPlace`, for a time alone: milliseconds since the epoch. */
export function readTime(text: string, now: number, choices = TIMES): number | string {
  // A number alone could be an offset, or a time in any unit.
  const age = /^[\d.]+$/.test(text) ? undefined : parseDuration(text.replace(/-ago$/, ''))
  const time = age === undefined ? readZonedTime(text) : now - age
  if (time === 'no time') return `${text} is not understood; give ${choices}`
  if (time === 'no zone') {
    return `${text} has no time zone, so it is not clear which moment is meant; write ${zoned(text)} for UTC, or end it with an offset such as +02:00`
  }
  if (time === 'no such date') return `${text} is no date that exists; give ISO 8601 with a zone`
  return time >= 0 ? time : `${text} is before 1970; give a later time`
}

function zoned(text: string): string {
  return text.length === 10 ? `${text}T00:00:00Z` : `${text.replace(' ', 'T')}Z`
}
