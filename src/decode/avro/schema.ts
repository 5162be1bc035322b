import avsc, { type Type } from 'avsc'
import { messageOf } from '../../kernel/errors.ts'
import { type FromBase, type LogicalSchema, logicalTypes } from './logical.ts'

/** A value of a logical type: how it is made of its base type. */
export class LogicalValue extends avsc.types.LogicalType {
  /** null: it is read as its base type. */
  readonly fromBase: FromBase | null
  readonly logicalSchema: LogicalSchema & { readonly logicalType: string }

  constructor(schema: LogicalSchema & { readonly logicalType: string }, options: unknown) {
    super(schema as never, options as never)
    this.logicalSchema = schema
    this.fromBase = logicalTypes[schema.logicalType]?.(this.underlyingType.typeName, schema) ?? null
  }

  // The library asks for them; nothing here writes values.
  protected override _fromValue(value: unknown): unknown {
    return value
  }

  protected override _toValue(value: unknown): unknown {
    return value
  }
}

/** Without a prototype: `constructor` is no logical type. */
const logical: Record<string, typeof LogicalValue> = Object.create(null)
for (const name of Object.keys(logicalTypes)) logical[name] = LogicalValue

/**
 * The type that an Avro schema declares, with the names of others that it refers to.
 * @param references texts of the schemas with these names, each before those that refer to it.
 * @throws Error if it is not a valid schema
 */
export function parseAvroSchema(text: string, references: readonly string[] = []): Type {
  const registry: { [name: string]: Type } = Object.create(null)
  for (const reference of references) parse(reference, registry)
  return parse(text, registry)
}

function parse(text: string, registry: { [name: string]: Type }): Type {
  const schema = withoutDefaults(jsonOf(text))
  return avsc.Type.forSchema(schema as never, {
    registry,
    // Unions are read by their index, so it does not matter which of their types look alike.
    wrapUnions: 'always',
    logicalTypes: logical as never,
  })
}

/** The name of a primitive type is a schema too, and tools write it without quotes. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (/^\s*[a-z]+\s*$/.test(text)) return text.trim()
    throw new Error(`it is not JSON: ${messageOf(error)}`)
  }
}

/** Only readers with another schema need them, and the library refuses some that others write. */
function withoutDefaults(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutDefaults)
  if (schema === null || typeof schema !== 'object') return schema
  const kept = Object.entries(schema).filter(([name]) => name !== 'default' && name !== 'aliases')
  return Object.fromEntries(
    kept.map(([name, value]) => [
      name,
      ['type', 'fields', 'items', 'values'].includes(name) ? withoutDefaults(value) : value,
    ]),
  )
}
