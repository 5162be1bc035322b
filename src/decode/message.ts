import type { KafkaRecord } from '../kernel/record.ts'
import { findEvents } from './events/find-events.ts'
import type { EventSource } from './topic-rules.ts'
import type { ChainEvent, Encoding, Json, Message } from './types.ts'

/** Told of entries that looked like an event but had a field of a wrong type. */
export type OnUnreadable = (record: KafkaRecord, entries: number) => void

/** A message whose events are looked for when they are first asked for, and only then. */
export class JsonMessage implements Message {
  readonly record: KafkaRecord
  readonly encoding: Encoding
  readonly bytes: number
  readonly document: Json
  readonly #source: EventSource
  readonly #onUnreadable: OnUnreadable | undefined
  #events: readonly ChainEvent[] | undefined

  constructor(
    record: KafkaRecord,
    encoding: Encoding,
    bytes: number,
    document: Json,
    source: EventSource,
    onUnreadable: OnUnreadable | undefined,
  ) {
    this.record = record
    this.encoding = encoding
    this.bytes = bytes
    this.document = document
    this.#source = source
    this.#onUnreadable = onUnreadable
  }

  get events(): readonly ChainEvent[] {
    if (this.#events === undefined) {
      const { events, unreadable } = findEvents(this.document, this.#source)
      this.#events = events
      if (unreadable > 0) this.#onUnreadable?.(this.record, unreadable)
    }
    return this.#events
  }
}
