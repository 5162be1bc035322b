import avsc, { type Type, type types } from 'avsc'
import { messageOf, OccError } from '../../kernel/errors.ts'
import { AvroWriter } from './avro-writer.ts'
import { writtenAs } from './logical-write.ts'
import { LogicalValue, parseAvroSchema } from './schema.ts'

/** @throws OccError OCC_AVRO_INVALID if the document is not a value of the schema */
export type AvroEncoder = (document: unknown) => Buffer

/** Throws a RangeError for what is no value of the type. */
type Write = (writer: AvroWriter, value: unknown) => void

/**
 * Writes documents as `createAvroDecoder` reads them. Of a union, the first branch that can be the
 * value is written; a field that is absent is null, if it can be.
 * @throws Error if the schema is not valid
 */
export function createAvroEncoder(text: string): AvroEncoder {
  const type = parseAvroSchema(text)
  const write = compileWriter(type)
  const name = type.name ?? `value of the type ${type.typeName}`
  return (document) => {
    const writer = new AvroWriter()
    try {
      write(writer, document)
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      throw new OccError('OCC_AVRO_INVALID', `not a ${name}: ${messageOf(error)}`)
    }
    return writer.toBuffer()
  }
}

const REAL_TEXT = /^(NaN|-?Infinity|-?\d+)$/

const primitives: Readonly<Record<string, Write>> = {
  null(_, value) {
    if (value !== null) throw wrong(value, 'null')
  },
  boolean(writer, value) {
    if (typeof value !== 'boolean') throw wrong(value, 'true or false')
    writer.byte(Number(value))
  },
  int: (writer, value) => writer.long(integer(value, 32)),
  long: (writer, value) => writer.long(integer(value, 64)),
  float: (writer, value) => writer.float32(real(value)),
  double: (writer, value) => writer.double(real(value)),
  bytes: (writer, value) => writer.bytes(base64(value)),
  string(writer, value) {
    if (typeof value !== 'string') throw wrong(value, 'text')
    writer.bytes(Buffer.from(value))
  },
}

function compileWriter(type: Type): Write {
  const known = new Map<Type, Write>()

  function open(one: Type): Write {
    const before = known.get(one)
    if (before !== undefined) return before
    // A type may hold itself.
    known.set(one, (writer, value) => made(writer, value))
    const made = writerOf(one)
    known.set(one, made)
    return made
  }

  function writerOf(one: Type): Write {
    if (one instanceof LogicalValue) return logical(one, open(one.underlyingType))
    if (one instanceof avsc.types.RecordType) return record(one, open)
    if (one instanceof avsc.types.ArrayType) return list(open(one.itemsType))
    if (one instanceof avsc.types.MapType) return map(open(one.valuesType))
    if (one instanceof avsc.types.EnumType) return oneOf(one.symbols)
    if (one instanceof avsc.types.FixedType) return fixed(one.size)
    if (one instanceof avsc.types.WrappedUnionType) return union(one.types.map(open))
    const primitive = primitives[one.typeName]
    if (primitive === undefined) throw new Error(`there is no type ${one.typeName}`)
    return primitive
  }

  return open(type)
}

function logical(
  { fromBase, logicalSchema: schema, underlyingType }: LogicalValue,
  base: Write,
): Write {
  const toBase = writtenAs[schema.logicalType]?.(underlyingType.typeName, schema)
  // Used wrongly, it is its base type.
  if (fromBase === null || toBase === undefined) return base
  return (writer, value) => base(writer, toBase(value))
}

function record({ fields }: types.RecordType, open: (type: Type) => Write): Write {
  const own = fields.map(({ name, type }) => ({ name, write: open(type) }))
  const names = new Set(own.map(({ name }) => name))
  return (writer, value) => {
    const given = fieldsOf(value)
    const unknown = Object.keys(given).find((name) => !names.has(name))
    if (unknown !== undefined) throw new RangeError(`the schema has no field ${unknown}`)
    for (const { name, write } of own) {
      within(name, () => write(writer, Object.hasOwn(given, name) ? given[name] : null))
    }
  }
}

function list(write: Write): Write {
  return (writer, value) => {
    if (!Array.isArray(value)) throw wrong(value, 'a list')
    if (value.length > 0) writer.long(BigInt(value.length))
    for (const [index, item] of value.entries()) within(String(index), () => write(writer, item))
    writer.long(0n)
  }
}

function map(write: Write): Write {
  return (writer, value) => {
    const entries = Object.entries(fieldsOf(value))
    if (entries.length > 0) writer.long(BigInt(entries.length))
    for (const [name, item] of entries) {
      writer.bytes(Buffer.from(name))
      within(name, () => write(writer, item))
    }
    writer.long(0n)
  }
}

function oneOf(symbols: readonly string[]): Write {
  return (writer, value) => {
    const index = symbols.indexOf(value as string)
    if (index < 0) throw wrong(value, `one of ${symbols.join(', ')}`)
    writer.long(BigInt(index))
  }
}

function fixed(size: number): Write {
  return (writer, value) => {
    const bytes = base64(value)
    if (bytes.length !== size) throw new RangeError(`${bytes.length} bytes, not ${size}`)
    writer.fixed(bytes)
  }
}

function union(branches: readonly Write[]): Write {
  return (writer, value) => {
    const mark = writer.mark
    const reasons: string[] = []
    for (const [index, write] of branches.entries()) {
      try {
        writer.long(BigInt(index))
        write(writer, value)
        return
      } catch (error) {
        if (!(error instanceof RangeError)) throw error
        reasons.push(error.message)
        writer.rewind(mark)
      }
    }
    throw new RangeError(reasons.join('; or '))
  }
}

function within(name: string, write: () => void): void {
  try {
    write()
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new RangeError(`${name}: ${error.message}`)
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw wrong(value, 'an object')
}

/** A number that is exact, or text of its digits. */
function integer(value: unknown, bits: number): bigint {
  const isExact =
    Number.isSafeInteger(value) || (typeof value === 'string' && /^-?\d+$/.test(value))
  const found = isExact ? BigInt(value as number | string) : null
  if (found === null || BigInt.asIntN(bits, found) !== found) {
    throw wrong(value, `an integer of ${bits} bits`)
  }
  return found
}

/** What JSON has no exact number for is text in documents. */
function real(value: unknown): number {
  if (typeof value === 'number') return value
  if (typeof value === 'string' && REAL_TEXT.test(value)) return Number(value)
  throw wrong(value, 'a number')
}

function base64(value: unknown): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'base64') : null
  if (bytes?.toString('base64') === value) return bytes as Buffer
  throw wrong(value, 'base64')
}

function wrong(value: unknown, expected: string): RangeError {
  const text = JSON.stringify(value) ?? 'nothing'
  return new RangeError(`${text.length > 60 ? `${text.slice(0, 60)}...` : text} is not ${expected}`)
}
