import type protobuf from 'protobufjs'
import { codeOf, messageOf, OccError } from '../../kernel/errors.ts'
import type { KafkaRecord } from '../../kernel/record.ts'
import { toDocument } from '../protobuf/document.ts'
import { unframe } from '../protobuf/framing.ts'
import { knownMessage } from '../protobuf/known-topics.ts'
import type { Schemas } from '../protobuf/schemas.ts'
import { decodeStrictly, knowsAny, makeStrict } from '../protobuf/strict.ts'
import { compileWanted } from '../protobuf/wanted.ts'
import { StreamEvent } from '../streams/event.ts'
import type { MessageStream } from '../streams/message-stream.ts'
import type { ChainEvent, Json, Message } from '../types.ts'
import type { DocumentReader, Format, Unpacked } from './format.ts'
import { withoutEvents } from './without-events.ts'

/**
 * A Protocol Buffers message, with or without the header of Confluent's serializers.
 *
 * Of a message with events, only what they need is read at first. The rest is read when a handler
 * asks for the document.
 */
export const protobufFormat: Format = {
  name: 'protobuf',
  about: 'a Protocol Buffers message of its schema',
  open(rule, { topic, messageStreams, openSchemas, reorgs }): DocumentReader {
    const name = rule.message ?? knownMessage(topic, messageStreams)
    if (name === null) {
      throw new OccError(
        'OCC_PROTOBUF_SCHEMA',
        `Nothing says which message ${topic} holds: name it in its rule under decode.topics, as message: PACKAGE.MESSAGE.`,
      )
    }
    const type = typeOf(name, topic, openSchemas())
    makeStrict(type)
    const stream = streamFor(type, rule.events ?? 'auto', messageStreams)
    const readEvents = stream === null ? null : eventReader(stream, type)
    // A broadcasted transaction is in no block yet.
    const blocks = topic.includes('.broadcasted.') ? null : reorgs
    return (record, value, from) => {
      const bytes = unframe(value, type)
      try {
        if (readEvents === null) {
          // Read whole, because a damaged one must not reach a handler.
          return withoutEvents(record, value, from, toDocument(decode(bytes, type), type))
        }
        const events = readEvents(bytes)
        const all = blocks === null ? events : blocks.observe(record, events)
        return new EventMessage(record, value, from, all, type)
      } catch (error) {
        throw invalid(error, type)
      }
    }
  },
}

function typeOf(name: string, topic: string, schemas: Schemas | null): protobuf.Type {
  if (schemas === null) {
    throw new OccError(
      'OCC_PROTOBUF_SCHEMA',
      `${topic} needs the schema of ${name}: mount its .proto files, and name their folder in decode.protobuf.schemas.`,
    )
  }
  const type = schemas.find(name)
  if (type !== null) return type
  throw new OccError(
    'OCC_PROTOBUF_SCHEMA',
    `${topic} needs the message ${name}, which no file in ${schemas.folder} (decode.protobuf.schemas) declares: mount the .proto file that does.`,
  )
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

function eventReader(stream: MessageStream, type: protobuf.Type): (bytes: Buffer) => ChainEvent[] {
  const read = compileWanted(stream.wanted, type)
  return (bytes) => {
    const message = read(bytes)
    // It may still hold only what no event needs.
    if (Object.values(message).every(isEmptyList)) decode(bytes, type)
    else return stream.read(message).map((event) => new StreamEvent(event))
    return []
  }
}

/** @throws if it is not such a message, or none of its fields is known */
function decode(bytes: Buffer, type: protobuf.Type): protobuf.Message {
  const message = decodeStrictly(bytes, type)
  if (!Object.values(message).every(isEmptyList) || knowsAny(bytes, type)) return message
  throw new OccError('OCC_PROTOBUF_INVALID', 'none of its fields is known')
}

/** The library makes the lists of a message in any case. */
function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0
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

  constructor(
    record: KafkaRecord,
    bytes: Buffer,
    { encoding, unpackAgain }: Unpacked,
    events: readonly ChainEvent[],
    type: protobuf.Type,
  ) {
    this.record = record
    this.encoding = encoding
    this.bytes = bytes.length
    this.events = events
    this.#unpack = () => unpackAgain(record)
    this.#type = type
  }

  /** @throws OccError OCC_PROTOBUF_INVALID if a part that no event needs is damaged */
  get document(): Json {
    if (this.#document === undefined) {
      const bytes = unframe(this.#unpack(), this.#type)
      try {
        this.#document = toDocument(decode(bytes, this.#type), this.#type)
      } catch (error) {
        throw invalid(error, this.#type)
      }
    }
    return this.#document
  }
}
