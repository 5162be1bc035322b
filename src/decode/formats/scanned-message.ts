import type { KafkaRecord } from '../../kernel/shapes/record.ts'
import type { Scanned } from '../scan/build.ts'
import type { WantedReader } from '../scan/scanner.ts'
import { eventsOf } from '../streams/find-events.ts'
import type { Stream } from '../streams/stream.ts'
import type { ChainEvent, DecodedMessage, Json } from '../types.ts'
import type { OnUnreadable, Unpacked } from './format.ts'

export interface ScannedReading {
  readonly streams: readonly Stream[]
  readonly onUnreadable: OnUnreadable | undefined
  /** Of the fields that the streams want. */
  readonly wanted: WantedReader
  /** The document of an unpacked value. */
  parse(bytes: Buffer): Json
  /** Called when a document is first read. */
  onRead(): void
}

/**
 * A JSON message of which only the fields that events need were copied. They are parsed when the events are
 * first read, and the document when that is.
 */
export class ScannedMessage implements DecodedMessage {
  readonly record: KafkaRecord
  readonly encoding: string
  readonly bytes: number
  readonly #unpack: Unpacked['unpackAgain']
  readonly #reading: ScannedReading
  #scanned: Scanned | null
  #events: readonly ChainEvent[] | undefined
  #document: Json | undefined

  constructor(
    record: KafkaRecord,
    bytes: number,
    { encoding, unpackAgain }: Unpacked,
    scanned: Scanned,
    reading: ScannedReading,
  ) {
    this.record = record
    this.encoding = encoding
    this.bytes = bytes
    this.#unpack = unpackAgain
    this.#scanned = scanned
    this.#reading = reading
  }

  get eventsFound(): boolean {
    return this.#events !== undefined
  }

  get events(): readonly ChainEvent[] {
    if (this.#events === undefined) {
      const { streams, wanted, onUnreadable } = this.#reading
      const document = this.#scanned === null ? null : wanted.parse(this.#scanned)
      this.#scanned = null
      this.#events = eventsOf(this.record, document, streams, onUnreadable)
    }
    return this.#events
  }

  get document(): Json {
    if (this.#document === undefined) {
      this.#document = this.#reading.parse(this.#unpack(this.record))
      this.#reading.onRead()
    }
    return this.#document
  }
}
