import type protobuf from 'protobufjs'
import { messageOf, OccError } from '../../kernel/errors.ts'

type Fields = Readonly<Record<string, unknown>>

/**
 * A message from JSON as protobufjs takes it: 64-bit integers as numbers or text, bytes as base64,
 * enums by name or number. @throws OccError OCC_PROTOBUF_INVALID; a field that the schema does not
 * know is an error
 */
export function encodeFromJson(type: protobuf.Type, json: unknown): Buffer {
  const name = type.fullName.slice(1)
  const wrong = (why: string) => new OccError('OCC_PROTOBUF_INVALID', `not a ${name}: ${why}`)
  if (!isFields(json)) throw wrong('it is not a JSON object')
  const unknown = unknownField(type, json)
  if (unknown !== null) throw wrong(`the schema has no field ${unknown}`)
  try {
    return Buffer.from(type.encode(type.fromObject({ ...json })).finish())
  } catch (error) {
    throw wrong(messageOf(error))
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The path of the first field that the schema does not have. */
function unknownField(type: protobuf.Type, json: Fields): string | null {
  for (const [name, value] of Object.entries(json)) {
    const field = type.fields[name]
    if (field === undefined) return name
    const inner = field.resolve().resolvedType
    if (inner === null || !('fields' in inner)) continue
    const values = Array.isArray(value) ? value : 'keyType' in field ? mapValues(value) : [value]
    for (const one of values) {
      const found = isFields(one) ? unknownField(inner, one) : null
      if (found !== null) return `${name}.${found}`
    }
  }
  return null
}

function mapValues(value: unknown): readonly unknown[] {
  return isFields(value) ? Object.values(value) : []
}
