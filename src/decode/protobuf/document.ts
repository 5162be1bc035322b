import protobuf from 'protobufjs'
import type { Json } from '../types.ts'

/**
 * A decoded message as a document, by the rules of Protobuf's JSON where JSON has no type: bytes as
 * base64, enums by name, NaN and infinities as text. Names are those of the schema, absent fields
 * and empty lists are left out, and integers beyond 2^53 are text, as `WireReader` reads them.
 */
export function toDocument(message: object, type: protobuf.Type): { [key: string]: Json } {
  const document: { [key: string]: Json } = {}
  for (const field of type.fieldsArray) {
    if (!Object.hasOwn(message, field.name)) continue
    const value: unknown = Reflect.get(message, field.name)
    if (field.map) {
      const map = toMap(value as object, field)
      if (Object.keys(map).length > 0) put(document, field.name, map)
    } else if (!Array.isArray(value)) {
      put(document, field.name, toValue(value, field))
    } else if (value.length > 0) {
      const list = value.map((item) => toValue(item, field))
      put(document, field.name, list)
    }
  }
  return document
}

function toMap(map: object, field: protobuf.Field): { [key: string]: Json } {
  const document: { [key: string]: Json } = {}
  for (const [key, value] of Object.entries(map)) put(document, key, toValue(value, field))
  return document
}

/** `__proto__` may be the name of a field, or a key of a map. */
function put(document: { [key: string]: Json }, name: string, value: Json): void {
  if (name !== '__proto__') document[name] = value
  else Object.defineProperty(document, name, { value, enumerable: true })
}

function toValue(value: unknown, { resolvedType, type }: protobuf.Field): Json {
  if (resolvedType instanceof protobuf.Type) return toDocument(value as object, resolvedType)
  if (resolvedType !== null) return resolvedType.valuesById[value as number] ?? (value as number)
  switch (type) {
    case 'bytes':
      return Buffer.from(value as Uint8Array).toString('base64')
    case 'float':
    case 'double':
      return Number.isFinite(value) ? (value as number) : String(value)
    default:
      // An absent value in a map: the library's own zero.
      return typeof value === 'object' ? 0 : (value as Json)
  }
}
