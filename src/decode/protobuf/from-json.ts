import protobuf from 'protobufjs'
import { messageOf, OccError } from '../../kernel/errors.ts'
import { isScalar, isWhole } from './scalars.ts'

type Fields = Readonly<Record<string, unknown>>

/**
 * A message from JSON, as documents have it: 64-bit integers as numbers or text, bytes as base64,
 * enums by name or number. @throws OccError OCC_PROTOBUF_INVALID with the first field that the schema
 * does not know, or that has a value of another type: the library would write a zero
 */
export function encodeFromJson(type: protobuf.Type, json: unknown): Buffer {
  const name = type.fullName.slice(1)
  const wrong = (why: string) => new OccError('OCC_PROTOBUF_INVALID', `not a ${name}: ${why}`)
  if (!isFields(json)) throw wrong('it is not a JSON object')
  const problem = problemIn(type, json, '')
  if (problem !== null) throw wrong(problem)
  try {
    return Buffer.from(type.encode(type.fromObject({ ...json })).finish())
  } catch (error) {
    throw wrong(messageOf(error))
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What is wrong with the first field that is. @param path of the message, with a dot behind it. */
function problemIn(type: protobuf.Type, json: Fields, path: string): string | null {
  // As protobufjs has it: null is absent.
  const given = Object.entries(json).filter(([, value]) => value !== null)
  const choices = new Map<protobuf.OneOf, string>()
  for (const [name, value] of given) {
    const field = type.fields[name]
    if (field === undefined) return `the schema has no field ${path}${name}`
    const choice = field.partOf
    const other = choice === null ? undefined : choices.get(choice)
    if (other !== undefined) return `only one of ${path}${other} and ${path}${name} can be set`
    if (choice !== null) choices.set(choice, name)
    const problem = problemOf(field.resolve(), value, `${path}${name}`)
    if (problem !== null) return problem
  }
  return null
}

function problemOf(field: protobuf.Field, value: unknown, path: string): string | null {
  if (field instanceof protobuf.MapField) {
    if (!isFields(value)) return `${path} is not an object`
    const { keyType } = field
    const wrong = Object.keys(value).find((key) => !isKey(key, keyType))
    if (wrong !== undefined) return `the key ${wrong} of ${path} is not of the type ${keyType}`
    return firstProblem(field, Object.values(value), path)
  }
  if (!field.repeated) return problemOfOne(field, value, path)
  return Array.isArray(value) ? firstProblem(field, value, path) : `${path} is not a list`
}

function firstProblem(field: protobuf.Field, values: readonly unknown[], path: string) {
  for (const one of values) {
    const problem = problemOfOne(field, one, path)
    if (problem !== null) return problem
  }
  return null
}

function problemOfOne(
  { resolvedType, type }: protobuf.Field,
  value: unknown,
  path: string,
): string | null {
  if (resolvedType instanceof protobuf.Type) {
    return isFields(value) ? problemIn(resolvedType, value, `${path}.`) : `${path} is not an object`
  }
  if (resolvedType === null)
    return isScalar(value, type) ? null : `${path} is not of the type ${type}`
  const isSymbol =
    typeof value === 'string' ? Object.hasOwn(resolvedType.values, value) : isWhole(value, 'int32')
  return isSymbol ? null : `${path} is not of the type ${resolvedType.name}`
}

function isKey(key: string, type: string): boolean {
  return type === 'bool' ? key === 'true' || key === 'false' : isScalar(key, type)
}
