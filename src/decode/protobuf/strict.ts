import protobuf from 'protobufjs'
import { WireReader } from './wire-reader.ts'

type Decode = (
  this: protobuf.Type,
  reader: WireReader,
  length?: number,
  end?: number,
  depth?: number,
  into?: object,
) => protobuf.Message

const strict = new WeakSet<protobuf.Type>()

/**
 * Makes the decoders of a message and of all messages in it refuse a field that has the number of a
 * known one and another wire type. The library skips it like an unknown field, so that a message of
 * another kind would pass as one without these fields.
 */
export function makeStrict(type: protobuf.Type): void {
  if (strict.has(type)) return
  strict.add(type)
  const decode = type.setup().decode as unknown as Decode
  const fields = new Map(type.fieldsArray.map((field) => [field.id, field]))
  const wrapped: Decode = function (reader, length, end, depth, into) {
    const outer = reader.fields
    reader.fields = fields
    const message = decode.call(this, reader, length, end, depth, into)
    reader.fields = outer
    return message
  }
  Reflect.set(type, 'decode', wrapped)
  for (const { resolvedType } of type.fieldsArray) {
    if (resolvedType instanceof protobuf.Type) makeStrict(resolvedType)
  }
}

/** @throws whatever the library and `WireReader` throw for bytes that are not such a message */
export function decodeStrictly(bytes: Buffer, type: protobuf.Type): protobuf.Message {
  return type.decode(new WireReader(bytes) as never)
}

/** Whether some field of the message itself is known; also true of one that is empty. */
export function knowsAny(bytes: Buffer, type: protobuf.Type): boolean {
  const reader = new WireReader(bytes)
  while (reader.pos < reader.len) {
    const tag = reader.tag()
    if (type.fieldsById[tag >>> 3] !== undefined) return true
    reader.skipType(tag & 7)
  }
  return bytes.length === 0
}
