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
  const take = (path: readonly string[], value: unknown) =>
    setAt(effective as unknown as Record<string, unknown>, path, structuredClone(value))
  for (const { key, path, live: isLive, liveInEntries } of fields) {
    const wanted = valueAt(next, path)
    if (liveInEntries.length > 0) {
      const before = { started: valueAt(started, path), current: valueAt(current, path) }
      const changes = changedEntries(key, before as Before, wanted as Entries, liveInEntries)
      live.push(...changes.live)
      pendingRestart.push(...changes.pendingRestart)
      if (changes.live.length > 0) take(path, wanted)
    } else if (isLive) {
      if (isSame(valueAt(current, path), wanted)) continue
      live.push(key)
      take(path, wanted)
    } else if (!isSame(valueAt(started, path), wanted)) pendingRestart.push(key)
  }
  return { live, pendingRestart, effective: deepFreeze(effective) }
}

type Entries = readonly object[]
interface Before {
  readonly started: Entries
  readonly current: Entries
}

/**
 * The changed keys of a list whose entries have live keys. Those can be applied only while the rest
 * of the list stays the same: otherwise nothing says which entry is which.
 */
function changedEntries(
  key: string,
  { started, current }: Before,
  next: Entries,
  liveNames: readonly string[],
): Omit<Changes, 'effective'> {
  if (started.length !== next.length) return { live: [], pendingRestart: [key] }
  const fixed = next.flatMap((entry, index) => {
    const names = new Set([...Object.keys(entry), ...Object.keys(started[index] ?? {})])
    return [...names]
      .filter((name) => !liveNames.includes(name))
      .filter((name) => !isSame(valueAt(started[index], [name]), valueAt(entry, [name])))
      .map((name) => `${key}[${index}].${name}`)
  })
  const live = next.flatMap((entry, index) =>
    liveNames
      .filter((name) => !isSame(valueAt(current[index], [name]), valueAt(entry, [name])))
      .map((name) => `${key}[${index}].${name}`),
  )
  return fixed.length > 0
    ? { live: [], pendingRestart: [...fixed, ...live] }
    : { live, pendingRestart: [] }
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
