import type { KafkaRecord } from '../../kernel/shapes/record.ts'
import { parseJson } from '../json.ts'
import { HEADER_BYTES, schemaIdOf } from '../registry/header.ts'
import { findEvents, streamsOf } from '../streams/find-events.ts'
import type { Stream } from '../streams/stream.ts'
import type { ChainEvent, Json, Message } from '../types.ts'
import type { Format, OnUnreadable, Unpacked } from './format.ts'

/** UTF-8 JSON with events, with or without the header of Confluent's serializers. */
export const json: Format = {
  name: 'json',
  about: 'JSON',
  open({ events = 'auto' }, { streams, onUnreadable }) {
    const wanted = streamsOf('json', events, streams)
    return (record, bytes, from) =>
      new JsonMessage(record, bytes, from, parseJson(unframed(bytes)), wanted, onUnreadable)
  },
}

function unframed(bytes: Buffer): Buffer {
  return schemaIdOf(bytes) === null ? bytes : bytes.subarray(HEADER_BYTES)
}

/** A message that searches for events only when they are first read. */
export class JsonMessage implements Message {
  readonly record: KafkaRecord
  readonly encoding: string
  readonly bytes: number
  readonly document: Json
  readonly #streams: readonly Stream[]
  readonly #onUnreadable: OnUnreadable | undefined
  #events: readonly ChainEvent[] | undefined

  constructor(
    record: KafkaRecord,
    bytes: Buffer,
    { encoding }: Unpacked,
    document: Json,
    streams: readonly Stream[],
    onUnreadable: OnUnreadable | undefined,
  ) {
    this.record = record
    this.encoding = encoding
    this.bytes = bytes.length
    this.document = document
    this.#streams = streams
    this.#onUnreadable = onUnreadable
  }

  get events(): readonly ChainEvent[] {
    if (this.#events === undefined) {
      const { events, unreadable } = findEvents(this.document, this.#streams)
      this.#events = events
      if (unreadable > 0) this.#onUnreadable?.(this.record, unreadable)
    }
    return this.#events
  }
}
