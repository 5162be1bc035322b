import type { Place, WantedPart } from '../../broker/reading/log-places.ts'
import { parseDuration } from '../../config/units.ts'
import { parsePartitions } from '../../group/offsets/selection.ts'
import { readZonedTime } from '../../kernel/text/zoned-time.ts'
import { usageError } from '../arguments.ts'

const PLACES =
  'BEGINNING, END, an offset, -1000 (records before the end), an age (2h), or a time with its zone (2026-01-31T12:00:00Z)'

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
  const time = readZonedTime(text)
  if (typeof time === 'number') return time
  const why = {
    'no zone': ', a time without a zone; add Z, or +02:00',
    'no such date': ', a date that does not exist',
    'no time': `; give ${choices}`,
  }[time]
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
  const partitions = parsePartitions(numbers)
  if (typeof partitions !== 'string') return partitions
  throw usageError(`the partitions of ${text} are "${numbers}"; give numbers: 3, 0-5, or 0,3-5`)
}
