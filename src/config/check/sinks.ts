import { noneCalled } from '../../kernel/text/suggest.ts'
import type { Settings } from '../schema/index.ts'
import { type Finding, problem } from './relations.ts'
import { checkWebhook } from './webhooks.ts'

type Sink = Settings['sinks'][string]
type Postgres = Extract<Sink, { type: 'postgres' }>

/** Keys of a sink that need or exclude each other. */
export function checkSinks({ sinks }: Settings): readonly Finding[] {
  return Object.entries(sinks).flatMap(([name, sink]) => {
    const section = `sinks.${name}`
    return [...checkFallback(section, sink, sinks), ...checkKeys(section, sink)]
  })
}

function checkKeys(section: string, sink: Sink): readonly Finding[] {
  if (sink.type === 'webhook') return checkWebhook(section, sink)
  if (sink.type !== 'postgres') return []
  return sink.events === undefined ? checkOwnTable(section, sink) : checkEvents(section, sink)
}

/** A value goes to one more sink: the fallback of a fallback gets nothing of the first. */
function checkFallback(section: string, sink: Sink, sinks: Settings['sinks']): Finding[] {
  const name = 'fallback' in sink ? sink.fallback : undefined
  if (name === undefined) return []
  if (section === `sinks.${name}`) {
    return [found(section, 'fallback', name, 'is the sink itself', 'name another sink')]
  }
  if (Object.hasOwn(sinks, name)) return []
  const why = noneCalled('sink', name, Object.keys(sinks)).replace(/\.$/, '')
  return [found(section, 'fallback', name, `is not there: ${why}`, 'add it under sinks')]
}

function found(section: string, key: string, value: unknown, message: string, remedy: string) {
  return problem([`${section}.${key}`, 'sinks'], value, message, remedy)
}

/** The table of a user: its columns are named, and nothing creates it. */
function checkOwnTable(section: string, sink: Postgres): Finding[] {
  const { table, columns, key = [], update = [] } = sink
  const remedy = 'set events, and the service makes a table; or name your own in table and columns'
  if (table === undefined) return [found(section, 'table', undefined, 'is missing', remedy)]
  if (columns === undefined) return [found(section, 'columns', undefined, 'is missing', remedy)]
  const lists = Object.entries({ key, update })
  const unknown = lists.flatMap(([list, names]) =>
    names
      .filter((name) => !Object.hasOwn(columns, name))
      .map((name) => {
        const message = `is not one of ${section}.columns`
        return found(section, list, name, message, `add it there, or remove it from ${list}`)
      }),
  )
  const orphan = update.length > 0 && key.length === 0
  const message = `needs ${section}.key: without it no row is known to be there already`
  return [
    ...unknown,
    ...(orphan
      ? [
          found(
            section,
            'update',
            update.join(', '),
            message,
            'name columns of a unique index in key',
          ),
        ]
      : []),
    ...onlyFor(section, 'events', {
      partitions: sink.partitions === 'none' ? undefined : sink.partitions,
      retention: sink.retention,
      migrate: sink.migrate || undefined,
    }),
  ]
}

/** A table of the service: its columns are known. */
function checkEvents(section: string, sink: Postgres): Finding[] {
  const { columns, key, update, partitions, retention } = sink
  const message = 'keeps nothing apart by day: without partitions no day can be dropped'
  return [
    ...onlyFor(section, 'table and columns', { columns, key, update }),
    ...(retention !== undefined && partitions === 'none'
      ? [found(section, 'retention', retention, message, 'set partitions: day, or remove it')]
      : []),
  ]
}

function onlyFor(section: string, what: string, keys: Readonly<Record<string, unknown>>) {
  return Object.entries(keys)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) =>
      found(section, key, value, `is only for a sink with ${what}`, 'remove it'),
    )
}
