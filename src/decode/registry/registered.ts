import { messageOf, OccError } from '../../kernel/errors.ts'
import { schemaIdOf } from './header.ts'
import type { RegisteredSchema, Registry, SchemaType } from './types.ts'

/** What a format makes of the schemas of a registry, each once. */
export interface Registered<Opened> {
  /** @throws OccError why the schema cannot be used, or that it is not loaded */
  of(id: number): Opened
  /** As `DocumentReader.awaits`. */
  awaits(bytes: Buffer): Promise<void> | null
}

/** @param open throws what is wrong with a schema */
export function createRegistered<Opened>(
  registry: Registry,
  type: SchemaType,
  open: (schema: RegisteredSchema) => Opened,
): Registered<Opened> {
  const opened = new WeakMap<RegisteredSchema, { readonly made: Opened } | OccError>()

  function make(id: number, schema: RegisteredSchema): { readonly made: Opened } | OccError {
    try {
      if (schema.type !== type) throw new Error(`it is of the type ${schema.type}, not ${type}`)
      return { made: open(schema) }
    } catch (cause) {
      const text = `schema ${id} of the registry cannot be used: ${messageOf(cause)}`
      return new OccError('OCC_SCHEMA_UNUSABLE', text, { cause })
    }
  }

  return {
    of(id) {
      const schema = registry.schema(id)
      let found = opened.get(schema)
      if (found === undefined) {
        found = make(id, schema)
        opened.set(schema, found)
      }
      if (found instanceof OccError) throw found
      return found.made
    },
    awaits(bytes) {
      const id = schemaIdOf(bytes)
      return id === null ? null : registry.load(id)
    },
  }
}
