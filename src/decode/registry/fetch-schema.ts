import { OccError } from '../../kernel/errors.ts'
import { askRegistry, RegistryAnswer, type RegistryOptions } from './request.ts'
import type { Reference, RegisteredSchema, SchemaType } from './types.ts'

/** Schemas that one imports, directly or not: more are a mistake, or a circle. */
const MAX_REFERENCES = 200
/** Schema, subject or version not found. Any other 404 is that of a wrong address. */
const NOT_FOUND: ReadonlySet<number> = new Set([40401, 40402, 40403])

const types: readonly string[] = ['AVRO', 'JSON', 'PROTOBUF'] satisfies SchemaType[]

/**
 * A schema and what it imports.
 * @throws OccError OCC_SCHEMA_UNKNOWN if the registry has none of that id, OCC_SCHEMA_UNUSABLE if it
 * cannot be used; anything else is a registry that does not answer.
 */
export async function fetchSchema(id: number, options: RegistryOptions): Promise<RegisteredSchema> {
  const own = `schema ${id}`
  const found = read(await ask(`/schemas/ids/${id}`, own, NAMED, options), own)
  const references = new Map<string, Reference>()
  await follow(found.references, own, references, options)
  return { type: found.type, text: found.text, references: [...references.values()] }
}

/**
 * Depth first, so that what is imported comes before what imports it. A schema and one that it imports may
 * import two versions of the same file: the first is taken for both, as Confluent's clients do.
 */
async function follow(
  links: readonly Link[],
  by: string,
  found: Map<string, Reference>,
  options: RegistryOptions,
): Promise<void> {
  for (const { name, subject, version } of links) {
    const what = `version ${version} of ${subject}`
    if (found.has(name)) continue
    if (found.size >= MAX_REFERENCES) {
      throw unusable(what, `one of more than ${MAX_REFERENCES} that are imported`)
    }
    // Messages are older than the deletion of a subject, which hides its versions only.
    const path = `/subjects/${encodeURIComponent(subject)}/versions/${version}?deleted=true`
    const { text, references } = read(await ask(path, what, `which ${by} imports`, options), what)
    // Set again behind its own imports; until then it ends a circle.
    found.set(name, { name, text })
    await follow(references, what, found, options)
    found.delete(name)
    found.set(name, { name, text })
  }
}

/** Why a schema is asked for. */
const NAMED =
  'which its header names: it was written with another registry, or is not framed at all'

async function ask(
  path: string,
  what: string,
  why: string,
  options: RegistryOptions,
): Promise<unknown> {
  try {
    return await askRegistry(path, options)
  } catch (error) {
    const isUnknown =
      error instanceof RegistryAnswer && error.status === 404 && NOT_FOUND.has(error.code ?? 0)
    if (!isUnknown) throw error
    throw new OccError('OCC_SCHEMA_UNKNOWN', `the registry ${options.url} has no ${what}, ${why}`, {
      cause: error,
    })
  }
}

interface Link {
  readonly name: string
  readonly subject: string
  readonly version: number
}

/** No type means Avro: the API is older than the others. */
function read(answer: unknown, what: string) {
  const { schema, schemaType = 'AVRO', references = [] } = Object(answer) as Record<string, unknown>
  if (typeof schema !== 'string') throw new Error(`its answer for ${what} has no schema`)
  if (typeof schemaType !== 'string' || !types.includes(schemaType)) {
    throw unusable(what, `of the type ${String(schemaType)}`)
  }
  const links = Array.isArray(references) ? (references as Link[]) : []
  return { text: schema, type: schemaType as SchemaType, references: links }
}

function unusable(what: string, why: string): OccError {
  return new OccError('OCC_SCHEMA_UNUSABLE', `${what} of the registry cannot be used: it is ${why}`)
}
