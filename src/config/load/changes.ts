import { fields } from '../schema/catalog.ts'
import type { Config } from '../types.ts'
import { deepFreeze, setAt, valueAt } from './layers.ts'

export interface Changes {
  /** Keys that take effect at once. */
  readonly live: readonly string[]
  /** Keys that differ from the started configuration and wait for the next start. */
  readonly pendingRestart: readonly string[]
  /** The current config with the live keys of the next one. */
  readonly effective: Config
}

/**
 * @param started the configuration at the start. @param current that, with later live changes.
 * @param next the current content of the file.
 */
export function changesOf(started: Config, current: Config, next: Config): Changes {
  const live: string[] = []
  const pendingRestart: string[] = []
  const effective = structuredClone(current)
  const take = (key: string, path: readonly string[], value: unknown) => {
    live.push(key)
    setAt(effective as unknown as Record<string, unknown>, path, structuredClone(value))
  }
  for (const field of fields) {
    const { key, path } = field
    const wanted = valueAt(next, path)
    if (key === 'handlers') continue
    if (field.live && !isSame(valueAt(current, path), wanted)) take(key, path, wanted)
    if (!field.live && !isSame(valueAt(started, path), wanted)) pendingRestart.push(key)
  }
  const restart = changedHandlers(started, next)
  pendingRestart.push(...restart)
  const filters = next.handlers.map(({ filter }) => filter)
  // Filters cannot be matched to handlers if the list itself has changed.
  if (restart.length === 0 && !isSame(filtersOf(current), filters)) {
    for (const [index, filter] of filters.entries()) {
      if (!isSame(current.handlers[index]?.filter, filter)) live.push(`handlers[${index}].filter`)
    }
    setAt(
      effective as unknown as Record<string, unknown>,
      ['handlers'],
      structuredClone(next.handlers),
    )
  }
  return { live, pendingRestart, effective: deepFreeze(effective) }
}

/** Everything in `handlers` except the filters waits for a restart. */
function changedHandlers(started: Config, next: Config): string[] {
  if (started.handlers.length !== next.handlers.length) return ['handlers']
  return next.handlers.flatMap((handler, index) => {
    const before = started.handlers[index]
    const names = new Set([...Object.keys(handler), ...Object.keys(before ?? {})])
    names.delete('filter')
    return [...names]
      .filter((name) => !isSame(valueAt(before, [name]), valueAt(handler, [name])))
      .map((name) => `handlers[${index}].${name}`)
  })
}

function filtersOf(config: Config): unknown[] {
  return config.handlers.map(({ filter }) => filter)
}

/** Configuration values are plain data; the order of keys in a map has no meaning. */
function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b))
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([name, inner]) => [name, sorted(inner)]))
}
