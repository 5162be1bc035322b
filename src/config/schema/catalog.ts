import * as z from 'zod'
import type { Kind } from './fields.ts'
import { configSchema } from './index.ts'

/** One setting, as the schema describes it. */
export interface Field {
  /** Dotted path. */
  readonly key: string
  readonly path: readonly string[]
  readonly kind: Kind
  /** The allowed values, in words. */
  readonly form: string
  readonly description: string
  /** Name of its environment variable; undefined for lists of rules and for maps. */
  readonly env: string | undefined
  readonly required: boolean
  /** As a user would write it; undefined if there is none. */
  readonly default: unknown
  readonly example: unknown
  /** A change in the file takes effect at once. */
  readonly live: boolean
  /** For a list of rules: the keys of an entry that are live, while the others stay the same. */
  readonly liveInEntries: readonly string[]
}

export interface Section {
  /** For a list or a map at the top level, which is not a section: the key of its only field. */
  readonly key: string
  readonly description: string
  readonly fields: readonly Field[]
}

/** All sections in the order of the schema, each with the settings directly in it. */
export const sections: readonly Section[] = walk(configSchema, [])

export const fields: readonly Field[] = sections.flatMap((section) => section.fields)

const byKey = new Map(fields.map((field) => [field.key, field]))

/**
 * The setting of a key, or the one that contains it: `kafka.brokers[1]` finds `kafka.brokers`, and
 * `sinks.alerts.type` finds `sinks`.
 */
export function fieldOf(key: string): Field | undefined {
  return byKey.get(key.replace(/\[.*$/s, '')) ?? byKey.get(key.replace(/\..*$/s, ''))
}

function walk(schema: z.ZodObject, path: readonly string[]): Section[] {
  const own: Field[] = []
  const nested: Section[] = []
  for (const [name, child] of Object.entries(schema.shape)) {
    const inner = child instanceof z.ZodPrefault ? child.unwrap() : child
    if (inner instanceof z.ZodObject) nested.push(...walk(inner, [...path, name]))
    else if (path.length === 0) nested.push(alone(child, name))
    else own.push(describe(child, [...path, name]))
  }
  const key = path.join('.')
  const section = { key, description: String(schema.meta()?.description ?? ''), fields: own }
  return path.length === 0 ? nested : [section, ...nested]
}

function alone(schema: z.core.$ZodType, name: string): Section {
  return { key: name, description: '', fields: [describe(schema, [name])] }
}

function describe(schema: z.core.$ZodType, path: readonly string[]): Field {
  const meta = z.globalRegistry.get(schema) ?? {}
  const kind = meta['kind'] as Kind
  const initial = schema instanceof z.ZodPrefault ? schema.def.defaultValue : undefined
  const hasVariable = kind !== 'rules' && kind !== 'map'
  return {
    key: path.join('.'),
    path,
    kind,
    form: String(meta['form']),
    description: String(meta.description),
    env: hasVariable ? String(meta['env'] ?? environmentName(path)) : undefined,
    required: meta['required'] === true,
    default: initial,
    example: meta['example'] ?? initial,
    live: isLive(schema),
    liveInEntries: liveInEntries(schema),
  }
}

function isLive(schema: z.core.$ZodType): boolean {
  return z.globalRegistry.get(schema)?.['live'] === true
}

function liveInEntries(schema: z.core.$ZodType): string[] {
  const list = schema instanceof z.ZodPrefault ? schema.unwrap() : schema
  if (!(list instanceof z.ZodArray) || !(list.element instanceof z.ZodObject)) return []
  return Object.entries(list.element.shape).flatMap(([name, key]) => (isLive(key) ? [name] : []))
}

/** `flow.queue.maxBytesPerPartition` is `OCC_FLOW_QUEUE_MAX_BYTES_PER_PARTITION`. */
function environmentName(path: readonly string[]): string {
  const words = path.map((name) => name.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2'))
  return ['OCC', ...words].join('_').toUpperCase()
}
