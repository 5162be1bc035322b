import type protobuf from 'protobufjs'
import { codeOf, OccError } from '../../kernel/errors.ts'
import { readIndexes, typeAt, unframe } from '../protobuf/framing.ts'
import { knownMessage } from '../protobuf/known-topics.ts'
import { messagesOf } from '../protobuf/registered-messages.ts'
import type { Schemas } from '../protobuf/schemas.ts'
import { schemaIdOf } from '../registry/header.ts'
import { createRegistered } from '../registry/registered.ts'
import type { Registry } from '../registry/types.ts'
import type { DocumentReader, Format } from './format.ts'
import { createMessageReader, type MessageReader } from './protobuf-message.ts'

/**
 * A Protocol Buffers message. Its type is the one that the header of Confluent's serializers says, of a
 * schema in the registry; without such a header or registry, the one that the topic's rule or name
 * says, of the mounted files.
 */
export const protobufFormat: Format = {
  name: 'protobuf',
  about: 'a Protocol Buffers message of its schema',
  open(rule, { topic, messageStreams, openSchemas, registry, reorgs }): DocumentReader {
    const name = rule.message ?? knownMessage(topic, messageStreams)
    const reading = {
      events: rule.events ?? 'auto',
      streams: messageStreams,
      // A broadcasted transaction is in no block yet.
      blocks: topic.includes('.broadcasted.') ? null : reorgs,
    }
    const open = (type: protobuf.Type) => createMessageReader(type, reading)
    const schemas = openSchemas()
    if (registry !== null && (name === null || schemas === null)) {
      const followsBlocks = reading.blocks !== null && reading.events !== 'none'
      const reader = registeredReader(registry, rule.message ?? null, open)
      return Object.assign(reader, { followsBlocks })
    }
    if (name === null) {
      throw new OccError(
        'OCC_PROTOBUF_SCHEMA',
        `Nothing says which message ${topic} holds: name it in its rule under decode.topics, as message: PACKAGE.MESSAGE.`,
      )
    }
    const { type, read, followsBlocks } = open(typeOf(name, topic, schemas))
    const mounted: DocumentReader = (record, value, from) =>
      read(record, value, unframe(value, type), from)
    if (registry === null) return Object.assign(mounted, { followsBlocks })
    const registered = registeredReader(registry, name, open)
    const either = eitherReader(registered, mounted)
    return Object.assign(either, { awaits: registered.awaits, followsBlocks })
  },
}

/** @param name the only message that the topic may hold; null: any. */
function registeredReader(
  registry: Registry,
  name: string | null,
  open: (type: protobuf.Type) => MessageReader,
): DocumentReader & Required<Pick<DocumentReader, 'awaits'>> {
  const { of, awaits } = createRegistered(registry, 'PROTOBUF', (schema) => {
    const messages = messagesOf(schema)
    const opened = new Map<protobuf.Type, MessageReader>()
    return (indexes: readonly number[]) => {
      const type = typeAt(indexes, messages)
      const own = type?.fullName.slice(1) ?? `message [${indexes}] of its schema`
      if (type === null || (name !== null && name !== own)) {
        const found = name === null ? 'which has none' : `not ${name}`
        throw new OccError('OCC_PROTOBUF_INVALID', `holds ${own} according to its header, ${found}`)
      }
      const reader = opened.get(type) ?? open(type)
      opened.set(type, reader)
      return reader
    }
  })
  const read: DocumentReader = (record, value, from) => {
    const id = schemaIdOf(value)
    if (id === null) {
      throw new OccError(
        'OCC_PROTOBUF_INVALID',
        'it does not begin with the header of a schema registry (a zero byte and the id of the schema): for values without it, mount the .proto files and name the message of the topic',
      )
    }
    const { indexes, end } = readIndexes(value)
    return of(id)(indexes).read(record, value, value.subarray(end), from)
  }
  return Object.assign(read, { awaits })
}

/**
 * A header counts the messages of the schema that it names: in a mounted file, which may be older,
 * another one may have that place. It is only used if the registry does not know the schema.
 */
function eitherReader(registered: DocumentReader, mounted: DocumentReader): DocumentReader {
  return (record, value, from) => {
    if (schemaIdOf(value) === null) return mounted(record, value, from)
    try {
      return registered(record, value, from)
    } catch (error) {
      if (codeOf(error) === 'OCC_SCHEMA_UNKNOWN') return mounted(record, value, from)
      throw error
    }
  }
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
