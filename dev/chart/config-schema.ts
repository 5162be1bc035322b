import { configJsonSchema } from '../../src/config/schema/index.ts'
import type { JsonSchema } from './json-schema.ts'

/** Keywords that annotate a schema without validating anything, except the description. */
const NOTES = new Set(['$schema', 'kind', 'form', 'env', 'example', 'default', 'live'])

const DURATION = '^[0-9]+(\\.[0-9]+)? *([mM][sS]|[sSmMhHdD]|[mM][iI][nN])?$'
const SIZE = '^[0-9]+(\\.[0-9]+)? *([kKmMgGtT][iI]?)?[bB]?$'
const BROKER = '^ *(\\[[0-9a-fA-F:]+\\]|[a-zA-Z0-9._-]+):[0-9]{1,5} *$'
const TOPIC = '^ *[a-zA-Z0-9._-]{1,249} *$'

/** Checks that the service performs after reading, as far as a pattern can express them. */
function patternOf(kind: unknown, key: string): string | undefined {
  if (kind === 'duration') return DURATION
  if (kind === 'bytes') return SIZE
  if (key === 'kafka.topics') return TOPIC
  return key === 'brokers' || key.endsWith('.brokers') ? BROKER : undefined
}

/**
 * The schema of the service's own file, for `config` in the values: draft 7, with patterns for
 * texts. Nothing is required here: the chart's check reports what is missing, and why.
 */
export function configSchema(): JsonSchema {
  return translate(configJsonSchema(), '')
}

function translate(schema: unknown, key: string, kind?: unknown): JsonSchema {
  if (!isSchema(schema)) throw new Error(`config${key} has no schema`)
  const kept: Record<string, unknown> = {}
  const own = schema['kind'] ?? kind
  for (const [keyword, value] of Object.entries(schema)) {
    if (NOTES.has(keyword) || keyword === 'required') continue
    if (keyword === 'properties' && isSchema(value)) {
      kept[keyword] = Object.fromEntries(
        Object.entries(value).map(([name, child]) => [
          name,
          translate(child, key === '' ? name : `${key}.${name}`),
        ]),
      )
    } else if (keyword === 'anyOf' && Array.isArray(value)) {
      kept[keyword] = value.map((one) => translate(one, key, own))
    } else if (keyword === 'oneOf' && Array.isArray(value)) {
      // By the given type, so that errors refer to that type instead of each.
      const types = value.map((one) => typeOf(one))
      kept['type'] = 'object'
      kept['properties'] = { type: { type: 'string', enum: types } }
      kept['allOf'] = value.map((one, index) => ({
        if: { properties: { type: { const: types[index] } }, required: ['type'] },
        // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
        then: translate(one, key),
      }))
    } else if (keyword === 'items' || keyword === 'propertyNames') {
      kept[keyword] = translate(value, key)
    } else if (keyword === 'additionalProperties' && isSchema(value)) {
      kept[keyword] = translate(value, key)
    } else {
      kept[keyword] = value
    }
  }
  const types = [kept['type']].flat()
  const isList = own === 'list'
  const pattern = patternOf(own, key)
  // A list as one text is left to the service: a pattern cannot separate its items.
  if (pattern !== undefined && types.includes('string') && !isList) kept['pattern'] = pattern
  if (isList && types.includes('array')) kept['uniqueItems'] = true
  return kept
}

/** The `type` of one variant of a tagged union. */
function typeOf(schema: unknown): unknown {
  const properties = isSchema(schema) ? schema['properties'] : undefined
  const type = isSchema(properties) ? properties['type'] : undefined
  if (!isSchema(type)) throw new Error('one of several objects has no type of its own')
  return type['const']
}

function isSchema(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
