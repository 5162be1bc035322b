import type protobuf from 'protobufjs'
import { codeOf, messageOf, OccError } from '../../kernel/errors.ts'
import type { KafkaRecord } from '../../kernel/shapes/record.ts'
import { toDocument } from '../protobuf/document.ts'
import { decodeStrictly, knowsAny, makeStrict } from '../protobuf/strict.ts'
import { compileWanted } from '../protobuf/wanted.ts'
import type { Reorgs } from '../reorgs.ts'
import type { BlockEvents, MessageStream } from '../streams/message-stream.ts'
import type { ChainEvent, Json, Message } from '../types.ts'
import type { Unpacked } from './format.ts'
import { withoutEvents } from './without-events.ts'

/** Reads the messages of one type. */
export interface MessageReader {
  readonly type: protobuf.Type
  /** Whether superseded blocks are looked for. */
  readonly followsBlocks: boolean
  /**
   * @param value The unpacked value, and the message in it.
   * @throws OccError OCC_PROTOBUF_INVALID if it is not such a message
   */
  read(record: KafkaRecord, value: Buffer, message: Buffer, from: Unpacked): Message
}

export interface MessageReading {
  /** As in the topic's rule: `auto`, the name of a stream, or `none`. */
  readonly events: string
  readonly streams: readonly MessageStream[]
  /** null: superseded blocks are not looked for. */
  readonly blocks: Reorgs | null
}

/**
 * Of a message with events, only what they need is read at first. The rest is read when a handler
 * asks for the document.
 * @throws OccError OCC_PROTOBUF_SCHEMA if the events that are asked for are of other messages
 */
export function createMessageReader(
  type: protobuf.Type,
  { events: wanted, streams, blocks }: MessageReading,
): MessageReader {
  makeStrict(type)
  const stream = streamFor(type, wanted, streams)
  const readEvents = stream === null ? null : eventReader(stream, type)
  return {
    type,
    followsBlocks: readEvents !== null && blocks !== null,
    read(record, value, message, from) {
      try {
        if (readEvents === null) {
          // Read whole, because a damaged one must not reach a handler.
          return withoutEvents(record, value, from, toDocument(decode(message, type), type))
        }
        const found = readEvents(message)
        const all =
          found === null || blocks === null ? (found?.events ?? []) : blocks.observe(record, found)
        // The message ends where its value does.
        const header = value.length - message.length
        return new EventMessage(record, value, header, from, all, type)
      } catch (error) {
        throw invalid(error, type)
      }
    },
  }
}

/** null: no events. @throws OccError if the named stream reads other messages */
function streamFor(
  type: protobuf.Type,
  events: string,
  streams: readonly MessageStream[],
): MessageStream | null {
  if (events === 'none') return null
  const own = type.fullName.slice(1)
  if (events === 'auto') return streams.find(({ message }) => message === own) ?? null
  const named = streams.find(({ name }) => name === events)
  if (named?.message === own) return named
  throw new OccError(
    'OCC_PROTOBUF_SCHEMA',
    named === undefined
      ? `The events ${events} are not of Protocol Buffers messages: write auto or none for ${own}.`
      : `The events ${events} are read from ${named.message}, not from ${own}: write auto or none.`,
  )
}

/** The reader answers null to a message without what events need. */
function eventReader(
  stream: MessageStream,
  type: protobuf.Type,
): (bytes: Buffer) => BlockEvents | null {
  const read = compileWanted(stream.wanted, type)
  return (bytes) => {
    const message = read(bytes)
    // It may still hold only what no event needs.
    if (!Object.values(message).every(isAbsent)) return stream.read(message)
    decode(bytes, type)
    return null
  }
}

/** @throws if it is not such a message, or none of its fields is known */
function decode(bytes: Buffer, type: protobuf.Type): protobuf.Message {
  const message = decodeStrictly(bytes, type)
  if (!Object.values(message).every(isAbsent) || knowsAny(bytes, type)) return message
  throw new OccError('OCC_PROTOBUF_INVALID', 'none of its fields is known')
}

/** A list is there in any case. */
function isAbsent(value: unknown): boolean {
  return value === null || (Array.isArray(value) && value.length === 0)
}

/** What the library throws for bytes, in words; a bug stays what it is. */
function invalid(error: unknown, { fullName }: protobuf.Type): unknown {
  const isText = codeOf(error) === 'ERR_ENCODING_INVALID_ENCODED_DATA'
  if (error instanceof TypeError && !isText) return error
  const reason = isText ? 'it holds a text that is not UTF-8' : messageOf(error)
  const shown = reason.startsWith('index out of range') ? 'it is truncated or damaged' : reason
  return new OccError('OCC_PROTOBUF_INVALID', `not a ${fullName.slice(1)}: ${shown}`)
}

/** A message with events, which decodes its document when that is first read. */
class EventMessage implements Message {
  readonly record: KafkaRecord
  readonly encoding: string
  readonly bytes: number
  readonly events: readonly ChainEvent[]
  readonly #unpack: () => Buffer
  readonly #type: protobuf.Type
  #document: Json | undefined

  /** @param header bytes of the value before the message. */
  constructor(
    record: KafkaRecord,
    value: Buffer,
    header: number,
    { encoding, unpackAgain }: Unpacked,
    events: readonly ChainEvent[],
    type: protobuf.Type,
  ) {
    this.record = record
    this.encoding = encoding
    this.bytes = value.length
    this.events = events
    this.#unpack = () => unpackAgain(record).subarray(header)
    this.#type = type
  }

  /** @throws OccError OCC_PROTOBUF_INVALID if a part that no event needs is damaged */
  get document(): Json {
    if (this.#document === undefined) {
      try {
        this.#document = toDocument(decode(this.#unpack(), this.#type), this.#type)
      } catch (error) {
        throw invalid(error, this.#type)
      }
    }
    return this.#document
  }
}
