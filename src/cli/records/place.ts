import type { WantedPart } from '../../broker/reading/log-places.ts'
import { parsePartitions } from '../../group/offsets/selection.ts'
import { PLACES, type Place, readPlace } from '../../kernel/text/place.ts'
import { usageError } from '../arguments.ts'

/** A place in a partition; throws OCC_USAGE. @param what begins the message: `--until`. */
export function placeOf(what: string, text: string, now: number): Place {
  const place = readPlace(text, now)
  if (typeof place === 'string') throw usageError(`${what}: ${place}`)
  return place
}

/** `topic`, `topic:3`, `topic:0-5,7@END`; throws OCC_USAGE. The default place is the beginning. */
export function partOf(text: string, now: number): WantedPart {
  const match = /^([\w.-]+)(?::([^@]*))?(?:@(.*))?$/s.exec(text)
  const [, topic = '', numbers, place] = match ?? []
  if (topic === '') {
    throw usageError(
      `"${text}" names no topic and partitions; give topic, topic:3, or topic:0-5@PLACE, where PLACE is ${PLACES}`,
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
