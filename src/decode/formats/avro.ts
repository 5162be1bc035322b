import { readFileSync } from 'node:fs'
import { messageOf, OccError } from '../../kernel/errors.ts'
import { type AvroDecoder, createAvroDecoder } from '../avro/decode.ts'
import { HEADER_BYTES, schemaIdOf } from '../registry/header.ts'
import { createRegistered } from '../registry/registered.ts'
import type { Registry } from '../registry/types.ts'
import { streamsOf } from '../streams/find-events.ts'
import type { DocumentReader, Format } from './format.ts'
import { JsonMessage } from './json.ts'

/**
 * An Avro value: bare, of the schema in a file, or behind the header of Confluent's serializers,
 * which names a schema of the registry. Its document has the events that such JSON would have.
 */
export const avro: Format = {
  name: 'avro',
  about: 'an Avro value of its schema',
  open({ events = 'auto', schema }, { topic, streams, onUnreadable, registry }): DocumentReader {
    const wanted = streamsOf('json', events, streams)
    const { decode, ...rest } =
      schema === undefined ? fromRegistry(registry, topic) : { decode: ofFile(schema, topic) }
    const read: DocumentReader = (record, bytes, from) =>
      new JsonMessage(record, bytes, from, decode(bytes), wanted, onUnreadable)
    return Object.assign(read, rest)
  },
}

function ofFile(path: string, topic: string): AvroDecoder {
  try {
    return createAvroDecoder(readFileSync(path, 'utf8'))
  } catch (cause) {
    throw new OccError(
      'OCC_AVRO_SCHEMA',
      `${topic} cannot be read with the Avro schema ${path} (schema of its rule under decode.topics): ${messageOf(cause)}. Correct the file or the path.`,
      { cause },
    )
  }
}

function fromRegistry(registry: Registry | null, topic: string) {
  if (registry === null) {
    throw new OccError(
      'OCC_AVRO_SCHEMA',
      `${topic} is read as Avro and has no schema: name a file as schema of its rule under decode.topics, or set decode.registry.url.`,
    )
  }
  const { of, awaits } = createRegistered(registry, 'AVRO', ({ text, references }) =>
    createAvroDecoder(
      text,
      references.map((one) => one.text),
    ),
  )
  const decode: AvroDecoder = (bytes) => {
    const id = schemaIdOf(bytes)
    if (id !== null) return of(id)(bytes.subarray(HEADER_BYTES))
    throw new OccError(
      'OCC_AVRO_INVALID',
      'it does not begin with the header of a schema registry (a zero byte and the id of the schema): for values without it, name a file as schema of the rule of the topic',
    )
  }
  return { decode, awaits }
}
