import * as z from 'zod'
import { checked, either, setting, text } from '../fields.ts'
import { checkName } from '../names.ts'
import { file } from './file.ts'
import { kafka } from './kafka.ts'
import { log } from './log.ts'
import { postgres } from './postgres.ts'
import type { SinkSchema } from './sink-schema.ts'
import { webhook } from './webhook.ts'

/** All types of sinks; src/app/sinks/create-sinks.ts opens them. */
export const sinkSchemas = [log, file, kafka, postgres, webhook] as const

export const sinksSetting = setting(createSinksSchema(sinkSchemas), {
  description: [
    'Targets of the values that handlers emit: `context.emit(name, value)`.',
    ...sinkSchemas.map(({ about }) => about),
  ].join(' '),
  default: {},
  example: {
    alerts: { type: 'log' },
    rows: { type: 'file', path: '/data/rows.ndjson' },
    deposits: { type: 'kafka', topic: 'my.deposits' },
  },
})

/** Schema of a map of names to sinks of these types. */
function createSinksSchema<const Types extends readonly [SinkSchema, ...SinkSchema[]]>(
  types: Types,
) {
  type Schemas = { readonly [Index in keyof Types]: Types[Index]['schema'] }
  const schemas = types.map(({ schema }) => schema) as unknown as Schemas
  return z.record(checked(text(), checkName), z.discriminatedUnion('type', schemas)).meta({
    kind: 'map',
    form: `map of names to ${either(types.map(({ form }) => form))}`,
  })
}

/** The types of sinks that have this key. */
export function sinkTypesWith(key: string): readonly string[] {
  return sinkSchemas
    .filter(({ schema }) => Object.hasOwn(schema.shape, key))
    .map(({ schema }) => schema.shape.type.value)
}

/** The keys of a type of sinks; empty for an unknown type. */
export function sinkKeys(type: unknown): readonly string[] {
  const known = sinkSchemas.find(({ schema }) => schema.shape.type.value === type)
  return known === undefined ? [] : Object.keys(known.schema.shape)
}

/** Whether a list that is emitted to this type of sinks is several values. */
export function takesLists(type: unknown): boolean {
  const all: readonly SinkSchema[] = sinkSchemas
  return all.some(({ schema, lists }) => schema.shape.type.value === type && lists === true)
}
