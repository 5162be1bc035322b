import protobuf from 'protobufjs'
import { OccError } from '../../kernel/errors.ts'
import { compileQuick } from './quick-reader.ts'
import { decodeStrictly, makeStrict } from './strict.ts'
import type { FromBytes, Read, Wanted, WantedField } from './wanted-fields.ts'

const NO_BYTES = Buffer.alloc(0)

/**
 * Compiles a reader of the wanted fields. What the quick one cannot read, the library's reads or refuses.
 *
 * The numbers are those of the code, because a mounted schema may be older than the wire and lack
 * fields. Where it has them, it must agree.
 *
 * @throws OccError OCC_PROTOBUF_SCHEMA if the schema contradicts.
 */
export function compileWanted<Fields extends Wanted>(
  wanted: Fields,
  schema: protobuf.Type,
): (bytes: Buffer) => Read<Fields> {
  const strict = compileStrict(wanted, schema)
  const quick = compileQuick(wanted)
  return (bytes) => (quick(bytes) ?? strict(bytes)) as never
}

/**
 * The library's decoder of a message that has only the wanted fields: everything else is an unknown
 * field, which it skips. @throws as `compileWanted`
 */
export function compileStrict(wanted: Wanted, schema: protobuf.Type): (bytes: Buffer) => object {
  const messages: string[] = []
  const first = write(wanted, schema, messages)
  const { root } = protobuf.parse(`syntax = "proto3";\n${messages.join('\n')}`, { keepCase: true })
  root.resolveAll()
  for (const type of root.nestedArray) if (type instanceof protobuf.Type) setDefaults(type)
  const type = root.lookupType(first)
  makeStrict(type)
  return (bytes) => valuesOf(decodeStrictly(bytes, type), wanted)
}

/** What the library has decoded, with the values of the functions for their bytes. */
function valuesOf(message: object, wanted: Wanted): object {
  const values = Object.entries(wanted).map(([name, [, type, repeated]]) => {
    const read: unknown = Reflect.get(message, name)
    if (typeof type === 'string') return [name, read]
    if (typeof type === 'function') return [name, fromBytes(read as Buffer, type)]
    if (repeated !== undefined) return [name, (read as object[]).map((one) => valuesOf(one, type))]
    return [name, read === null ? null : valuesOf(read as object, type)]
  })
  return Object.fromEntries(values)
}

function fromBytes(bytes: Buffer, read: FromBytes): unknown {
  return read(bytes, 0, bytes.length)
}

/** Adds the text of a message with only these fields; returns its name. */
function write(wanted: Wanted, schema: protobuf.Type | null, messages: string[]): string {
  const lines = Object.entries(wanted).map(([name, field]) => {
    const [number, type, repeated = ''] = field
    const declared = schema === null ? null : agreed(schema, name, field)
    const word = wordOf(type) ?? write(type as Wanted, declared, messages)
    return `${repeated} ${word} ${name} = ${number};`
  })
  const own = `M${messages.length}`
  messages.push(`message ${own} { ${lines.join(' ')} }`)
  return own
}

/** null: a message. */
function wordOf(type: WantedField[1]): string | null {
  if (typeof type === 'function') return 'bytes'
  return typeof type === 'string' ? type : null
}

/** The schema of a nested message; null if the schema does not have the field. */
function agreed(
  schema: protobuf.Type,
  name: string,
  [number, type, repeated]: WantedField,
): protobuf.Type | null {
  const field = schema.fields[name]
  if (field === undefined) return null
  const nested = field.resolve().resolvedType
  const isMessage = nested instanceof protobuf.Type
  const word = wordOf(type)
  const fits = word === null ? isMessage : field.type === word
  if (field.id === number && fits && field.repeated === (repeated !== undefined)) {
    return isMessage ? nested : null
  }
  const expected = `${repeated === undefined ? '' : 'repeated '}${word ?? 'message'}`
  throw new OccError(
    'OCC_PROTOBUF_SCHEMA',
    `${schema.fullName.slice(1)}.${name} is number ${field.id}, ${field.repeated ? 'repeated ' : ''}${field.type}, in ${schema.filename}, and its events need number ${number}, ${expected}. Mount the schema of the topic, or set events: none for it.`,
  )
}

/** The library's defaults are objects of its own: a Long, and a list for bytes. */
function setDefaults(type: protobuf.Type): void {
  const prototype: object = type.ctor.prototype
  for (const field of type.fieldsArray) {
    if (field.resolve().repeated) continue
    if (field.type === 'bytes') Reflect.set(prototype, field.name, NO_BYTES)
    if (field.type.endsWith('64')) Reflect.set(prototype, field.name, 0)
  }
}
