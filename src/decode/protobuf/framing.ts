import protobuf from 'protobufjs'
import { OccError } from '../../kernel/errors.ts'
import { HEADER_BYTES } from '../registry/header.ts'
import { nestedIn } from './descriptor.ts'

/** A message is seldom nested twice. */
const MAX_INDEXES = 16

/**
 * The message of a value: the value itself, or what is behind the header of Confluent's serializers.
 * That is a magic byte, the schema id (4 bytes) and the indexes that say which message of the
 * schema's file it is. No message begins with a zero, because no field has that number.
 *
 * @throws OccError if the header is cut off, or says that this is another message than `type`.
 */
export function unframe(bytes: Buffer, type: protobuf.Type): Buffer {
  if (bytes[0] !== 0) return bytes
  const { indexes, end } = readIndexes(bytes)
  const found = typeAt(indexes, messagesBeside(type))
  if (found === type) return bytes.subarray(end)
  const name = found === null ? `message [${indexes}] of its schema` : found.fullName.slice(1)
  throw new OccError(
    'OCC_PROTOBUF_INVALID',
    `holds ${name} according to its header, not ${type.fullName.slice(1)}`,
  )
}

/** The indexes in the header, and where the message begins. A zero alone stands for the first message. */
export function readIndexes(bytes: Buffer): { indexes: number[]; end: number } {
  let at = HEADER_BYTES
  /** Zigzag, as in Confluent's own serializers. */
  const next = () => {
    for (let value = 0, shift = 0; shift < 28; shift += 7) {
      const byte = bytes[at++]
      if (byte === undefined) break
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1)
    }
    throw new OccError('OCC_PROTOBUF_INVALID', 'the header of its schema is damaged or cut off')
  }
  const count = next()
  if (count === 0) return { indexes: [0], end: at }
  if (count < 0 || count > MAX_INDEXES) {
    throw new OccError('OCC_PROTOBUF_INVALID', `the header of its schema names ${count} messages`)
  }
  return { indexes: Array.from({ length: count }, next), end: at }
}

/** @param messages those of the file, in its order. */
export function typeAt(
  indexes: readonly number[],
  messages: readonly protobuf.Type[],
): protobuf.Type | null {
  let found: protobuf.Type | null = null
  let among: ReadonlyArray<protobuf.Type | null> = messages
  for (const index of indexes) {
    found = among[index] ?? null
    among = found === null ? [] : (nestedIn(found) ?? messagesIn(found))
  }
  return found
}

/** The messages of a file in its order. */
export function messagesOfFile(
  parent: protobuf.NamespaceBase | null,
  filename: string | null,
): protobuf.Type[] {
  return messagesIn(parent).filter((one) => one.filename === filename)
}

/** Those of the file that declares `type`. */
function messagesBeside(type: protobuf.Type): protobuf.Type[] {
  let top: protobuf.NamespaceBase = type
  while (top.parent instanceof protobuf.Type) top = top.parent
  return messagesOfFile(top.parent, top.filename)
}

function messagesIn(parent: protobuf.NamespaceBase | null): protobuf.Type[] {
  return (parent?.nestedArray ?? []).filter((one) => one instanceof protobuf.Type)
}
