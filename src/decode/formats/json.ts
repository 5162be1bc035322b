import type { KafkaRecord } from '../../kernel/shapes/record.ts'
import { parseJson } from '../json.ts'
import { HEADER_BYTES, schemaIdOf } from '../registry/header.ts'
import { createWantedReader } from '../scan/scanner.ts'
import { union } from '../scan/wanted-fields.ts'
import { eventsOf, streamsOf } from '../streams/find-events.ts'
import type { Stream } from '../streams/stream.ts'
import type { ChainEvent, DecodedMessage, Json } from '../types.ts'
import { createDocumentUse } from './document-use.ts'
import type { Format, OnUnreadable, Unpacked } from './format.ts'
import { ScannedMessage } from './scanned-message.ts'

/**
 * UTF-8 JSON with events, with or without the header of Confluent's serializers. Where documents are
 * seldom read, a value is only scanned for what its events need.
 */
export const json: Format = {
  name: 'json',
  about: 'JSON',
  open({ events = 'auto' }, { streams: all, onUnreadable }) {
    const streams = streamsOf('json', events, all)
    const wanted = createWantedReader(union(streams.map((stream) => stream.wanted)))
    const use = createDocumentUse()
    const parse = (bytes: Buffer) => parseJson(unframed(bytes))
    const reading = { streams, onUnreadable, wanted, parse, onRead: use.read }
    return (record, bytes, from) => {
      const scanned = use.isUsual() ? null : wanted.scan(unframed(bytes))
      return scanned === null
        ? new JsonMessage(record, bytes, from, parse(bytes), streams, onUnreadable)
        : new ScannedMessage(record, bytes.length, from, scanned, reading)
    }
  },
}

function unframed(bytes: Buffer): Buffer {
  return schemaIdOf(bytes) === null ? bytes : bytes.subarray(HEADER_BYTES)
}

/** A message that searches for events only when they are first read. */
export class JsonMessage implements DecodedMessage {
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

  get eventsFound(): boolean {
    return this.#events !== undefined
  }

  get events(): readonly ChainEvent[] {
    this.#events ??= eventsOf(this.record, this.document, this.#streams, this.#onUnreadable)
    return this.#events
  }
}
