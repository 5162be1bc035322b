import type { Place, WantedPart } from '../../broker/reading/log-places.ts'
import { parseDuration } from '../../config/units.ts'
import { usageError } from '../arguments.ts'

const PLACES =
  'BEGINNING, END, an offset, -1000 (records before the end), an age (2h), or a time with its zone (2026-01-31T12:00:00Z)'
const TIME = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})$/i
/** A partition number beyond this is a typing error. */
const MAX_PARTITION = 1_000_000
/** Partitions of one argument. */
const MAX_PARTITIONS = 10_000

/** A place in a partition; throws OCC_USAGE. @param what begins the message: `--from`. */
export function placeOf(what: string, text: string, now: number): Place {
  const word = text.toLowerCase()
  if (word === 'beginning' || word === 'earliest') return { kind: 'beginning' }
  if (word === 'end' || word === 'latest') return { kind: 'end' }
  if (/^\d+$/.test(text) && Number.isSafeInteger(Number(text))) {
    return { kind: 'offset', offset: Number(text) }
  }
  if (/^-\d+$/.test(text) && Number.isSafeInteger(Number(text))) {
    return { kind: 'back', records: -Number(text) }
  }
  return { kind: 'time', time: zonedTime(what, text, now, PLACES) }
}

/** Milliseconds since the epoch of an age or a time with its zone; throws OCC_USAGE. */
export function zonedTime(
  what: string,
  text: string,
  now: number,
  choices = 'an age (2h), or a time with its zone (2026-01-31T12:00:00Z)',
): number {
  const ago = /^\d+$/.test(text) ? undefined : parseDuration(text.replace(/-ago$/, ''))
  if (ago !== undefined) return now - ago
  const time = TIME.test(text) ? Date.parse(text.replace(' ', 'T')) : Number.NaN
  if (!Number.isNaN(time)) return time
  const isLocal = !Number.isNaN(Date.parse(text)) && /^\d{4}-/.test(text)
  const why = isLocal ? ', a time without a zone; add Z, or +02:00' : `; give ${choices}`
  throw usageError(`${what} is ${text}${why}`)
}

/** `topic`, `topic:3`, `topic:0-5,7@END`; throws OCC_USAGE. The default place is the beginning. */
export function partOf(text: string, now: number): WantedPart {
  const match = /^([\w.-]+)(?::([^@]*))?(?:@(.*))?$/s.exec(text)
  const [, topic = '', numbers, place] = match ?? []
  if (topic === '') {
    throw usageError(
      `"${text}" names no partitions; give topic, topic:3, or topic:0-5@PLACE, where PLACE is ${PLACES}`,
    )
  }
  return {
    topic,
    partitions: numbers === undefined ? null : partitionsOf(text, numbers),
    from: place === undefined ? { kind: 'beginning' } : placeOf(`the place of ${text}`, place, now),
  }
}

function partitionsOf(text: string, numbers: string): readonly number[] {
  const wrong = () =>
    usageError(`the partitions of ${text} are "${numbers}"; give numbers: 3, 0-5, or 0,3-5`)
  const all = new Set<number>()
  for (const part of numbers.split(',')) {
    const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(part) ?? []
    const [from, to] = [Number(first), Number(last)]
    if (first === undefined || to < from || to > MAX_PARTITION) throw wrong()
    if (to - from >= MAX_PARTITIONS) throw wrong()
    for (let partition = from; partition <= to; partition++) all.add(partition)
  }
  return [...all].sort((a, b) => a - b)
}
