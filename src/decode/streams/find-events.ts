import type { KafkaRecord } from '../../kernel/shapes/record.ts'
import type { OnUnreadable } from '../formats/format.ts'
import type { ChainEvent, Json } from '../types.ts'
import { type JsonObject, objectOf } from './fields.ts'
import type { Found, Stream } from './stream.ts'

/** Events of a document, and the number of entries that looked like one but could not be read. */
export interface FoundEvents {
  readonly events: readonly ChainEvent[]
  readonly unreadable: number
}

const NONE: FoundEvents = Object.freeze({ events: Object.freeze([]), unreadable: 0 })

/** The streams to search in documents of a format: all (`auto`) or the named one. */
export function streamsOf(
  format: string,
  source: string,
  streams: readonly Stream[],
): readonly Stream[] {
  return streams.filter(
    (stream) => stream.format === format && (source === 'auto' || stream.name === source),
  )
}

/**
 * The events of a document, which is one entry or a list of entries. Never throws; a document of
 * unknown shape has none.
 */
export function findEvents(document: Json, streams: readonly Stream[]): FoundEvents {
  if (streams.length === 0 || document === null || typeof document !== 'object') return NONE
  const found: Found = { events: [], unreadable: 0 }
  if (!Array.isArray(document)) {
    readEntry(document, streams, found)
  } else {
    for (const value of document) {
      const entry = objectOf(value)
      if (entry != null) readEntry(entry, streams, found)
    }
  }
  return found.events.length === 0 && found.unreadable === 0 ? NONE : found
}

/** The events of a record's document; says how many could not be read. */
export function eventsOf(
  record: KafkaRecord,
  document: Json,
  streams: readonly Stream[],
  onUnreadable: OnUnreadable | undefined,
): readonly ChainEvent[] {
  const { events, unreadable } = findEvents(document, streams)
  if (unreadable > 0) onUnreadable?.(record, unreadable)
  return events
}

function readEntry(entry: JsonObject, streams: readonly Stream[], found: Found): void {
  for (const stream of streams) {
    if (!stream.matches(entry)) continue
    stream.read(entry, found)
    return
  }
}

/** Names of the streams that read the entries of a document. */
export function streamNamesIn(document: Json, streams: readonly Stream[]): readonly string[] {
  const entries = (Array.isArray(document) ? document : [document]).map(objectOf)
  const names = entries.flatMap((entry) =>
    entry == null ? [] : (streams.find((stream) => stream.matches(entry))?.name ?? []),
  )
  return [...new Set(names)]
}
