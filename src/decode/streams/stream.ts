import type { Chain } from '../../kernel/names.ts'
import type { WantedFields } from '../scan/wanted-fields.ts'
import type { ChainEvent } from '../types.ts'
import { StreamEvent } from './event.ts'
import type { JsonObject } from './fields.ts'

/** A kind of message whose events are known. */
export interface Stream {
  /** As in `decode.topics[].events`. */
  readonly name: string
  readonly chain: Chain
  /** The format of its documents. */
  readonly format: 'json'
  /** All fields of an entry that `matches` and `read` look at: in most documents they find no others. */
  readonly wanted: WantedFields
  /** Whether an entry of a document has the shape of this stream. */
  matches(entry: JsonObject): boolean
  /** Adds the events of a matching entry. */
  read(entry: JsonObject, found: Found): void
}

/** Events of a document, and the number of entries that looked like one but could not be read. */
export interface Found {
  readonly events: ChainEvent[]
  unreadable: number
}

/** Adds an event, or counts one that could not be read. */
export function addEvent(found: Found, event: ChainEvent | undefined): void {
  if (event === undefined) found.unreadable++
  else found.events.push(new StreamEvent(event))
}
