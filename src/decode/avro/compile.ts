import avsc, { type Type, type types } from 'avsc'
import type { Json } from '../types.ts'
import type { AvroReader } from './avro-reader.ts'
import { LogicalValue } from './schema.ts'

/** Bytes are a Buffer only until a logical type or the document has made something of them. */
type Read = (reader: AvroReader) => Json | Buffer
type ReadJson = (reader: AvroReader) => Json

const primitives: Readonly<Record<string, Read>> = {
  null: () => null,
  boolean(reader) {
    const byte = reader.byte()
    if (byte > 1) throw new RangeError(`a boolean of ${byte}`)
    return byte === 1
  },
  int: (reader) => reader.int(),
  long: (reader) => reader.long(),
  float: (reader) => finite(reader.float32()),
  double: (reader) => finite(reader.float64()),
  bytes: (reader) => reader.take(),
  string: (reader) => reader.text(),
}

/**
 * The reader of a type's values, as documents: unions are the value of their branch, enums names,
 * bytes base64, and integers beyond 2^53 text. It throws a RangeError for what is no such value.
 *
 * Not the library's own: that reads beyond the end and checks afterwards, believes any count, and
 * sets the prototype of a map with the key `__proto__`.
 */
export function compileReader(type: Type): ReadJson {
  const known = new Map<Type, ReadJson>()

  function json(one: Type): ReadJson {
    const before = known.get(one)
    if (before !== undefined) return before
    // A type may hold itself.
    known.set(one, (reader) => made(reader))
    const made = asJson(open(one))
    known.set(one, made)
    return made
  }

  function open(one: Type): Read {
    if (one instanceof LogicalValue) {
      const base = open(one.underlyingType)
      const { fromBase } = one
      return fromBase === null ? base : (reader) => fromBase(base(reader))
    }
    if (one instanceof avsc.types.RecordType) return record(one)
    if (one instanceof avsc.types.ArrayType) return list(json(one.itemsType))
    if (one instanceof avsc.types.MapType) return map(json(one.valuesType))
    if (one instanceof avsc.types.EnumType) return oneOf(one.symbols)
    if (one instanceof avsc.types.FixedType) {
      const { size } = one
      return (reader) => reader.take(size)
    }
    if (one instanceof avsc.types.WrappedUnionType) return union(one.types.map(json))
    const primitive = primitives[one.typeName]
    if (primitive === undefined) throw new Error(`there is no type ${one.typeName}`)
    return primitive
  }

  function record({ fields }: types.RecordType): Read {
    const own = fields.map((field) => ({ name: field.name, read: json(field.type) }))
    // The bytes of the message bound the number of all others.
    const parts = 1 + fields.filter(({ type }) => isEmpty(type)).length
    return (reader) => {
      reader.enter()
      reader.part(parts)
      const found: { [key: string]: Json } = {}
      for (const { name, read } of own) put(found, name, read(reader))
      reader.leave()
      return found
    }
  }

  return json(type)
}

/** Whether its values have no bytes. */
function isEmpty(type: Type): boolean {
  const base = type instanceof LogicalValue ? type.underlyingType : type
  return base.typeName === 'null' || (base instanceof avsc.types.FixedType && base.size === 0)
}

function list(read: ReadJson): Read {
  return (reader) => {
    const found: Json[] = []
    inBlocks(reader, () => found.push(read(reader)))
    return found
  }
}

function map(read: ReadJson): Read {
  return (reader) => {
    const found: { [key: string]: Json } = {}
    inBlocks(reader, () => put(found, reader.text(), read(reader)))
    return found
  }
}

/** Lists and maps are blocks of items; a negative count is followed by the block's size. */
function inBlocks(reader: AvroReader, each: () => void): void {
  reader.enter()
  for (let count = reader.count(); count !== 0; count = reader.count()) {
    if (count < 0) reader.count()
    for (let left = Math.abs(count); left > 0; left--) {
      reader.part()
      each()
    }
  }
  reader.leave()
}

function union(branches: readonly ReadJson[]): Read {
  return (reader) => {
    const index = reader.count()
    const read = branches[index]
    if (read === undefined) throw new RangeError(`branch ${index} of a union of ${branches.length}`)
    reader.enter()
    const value = read(reader)
    reader.leave()
    return value
  }
}

function oneOf(symbols: readonly string[]): Read {
  return (reader) => {
    const index = reader.count()
    const symbol = symbols[index]
    if (symbol === undefined)
      throw new RangeError(`symbol ${index} of an enum of ${symbols.length}`)
    return symbol
  }
}

function asJson(read: Read): ReadJson {
  return (reader) => {
    const value = read(reader)
    return Buffer.isBuffer(value) ? value.toString('base64') : value
  }
}

function finite(value: number): Json {
  return Number.isFinite(value) ? value : String(value)
}

/** `__proto__` may be the name of a field, or a key of a map. */
function put(found: { [key: string]: Json }, name: string, value: Json): void {
  if (name !== '__proto__') found[name] = value
  else Object.defineProperty(found, name, { value, enumerable: true, configurable: true })
}
