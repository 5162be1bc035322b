/** A section as read, before the schema is applied. */
export type Raw = Record<string, unknown>

/**
 * The merged values so far, and for each key that was not set by the file: the variable or the
 * property that set it.
 */
export interface Layers {
  readonly values: Raw
  readonly sources: Map<string, string>
}

export function isRaw(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function valueAt(values: unknown, path: readonly PropertyKey[]): unknown {
  let current = values
  for (const name of path) {
    if (typeof current !== 'object' || current === null) return undefined
    current = Object.hasOwn(current, name) ? Reflect.get(current, name) : undefined
  }
  return current
}

/**
 * Sets the value and creates the sections above it; does nothing below a value that is not a
 * section.
 */
export function setAt(values: Raw, path: readonly string[], value: unknown): void {
  let current = values
  for (const name of path.slice(0, -1)) {
    if (current[name] === undefined) current[name] = {}
    const next = current[name]
    if (!isRaw(next)) return
    current = next
  }
  const last = path.at(-1)
  if (last !== undefined) current[last] = value
}

export function deleteAt(values: unknown, path: readonly PropertyKey[]): void {
  const parent = valueAt(values, path.slice(0, -1))
  const last = path.at(-1)
  if (typeof parent === 'object' && parent !== null && last !== undefined) {
    Reflect.deleteProperty(parent, last)
  }
}

/** Drops keys without a value (`kafka:` followed only by comments). */
export function withoutNulls(value: unknown): unknown {
  if (!isRaw(value)) return value
  const kept = Object.entries(value).filter(([, child]) => child !== null)
  // Not by assignment: a key named __proto__ must stay a key and be refused as unknown.
  return Object.fromEntries(kept.map(([name, child]) => [name, withoutNulls(child)]))
}

/** `['kafka', 'brokers', 0]` is `kafka.brokers[0]`. */
export function dotted(path: readonly PropertyKey[]): string {
  return path
    .map((name) => (typeof name === 'number' ? `[${name}]` : `.${String(name)}`))
    .join('')
    .replace(/^\./, '')
}

export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const child of Object.values(value)) deepFreeze(child)
  }
  return value
}
