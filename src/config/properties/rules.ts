/** Result of a property with its value. */
export type PropertyOutcome =
  /** Sets this key to this value. */
  | { readonly kind: 'set'; readonly key: string; readonly value: unknown; readonly note?: string }
  /** Already the behaviour; nothing to set. The note, if any, becomes a warning. */
  | { readonly kind: 'accepted'; readonly note?: string }
  | { readonly kind: 'refused'; readonly message: string; readonly remedy: string }

export interface PropertyRule {
  readonly name: string
  /** The key that it becomes; undefined if there is none. */
  readonly key?: string
  /** For the table in the documents. */
  readonly meaning: string
  apply(value: string): PropertyOutcome
}

/** Becomes the key, with its value unchanged; numbers are milliseconds or bytes in both. */
export function becomes(name: string, key: string): PropertyRule {
  return {
    name,
    key,
    meaning: `\`${key}\``,
    apply: (value) => ({ kind: 'set', key, value: /^\d+$/.test(value) ? Number(value) : value }),
  }
}

/** Becomes the key, as text even if it looks like a number. */
export function becomesText(name: string, key: string): PropertyRule {
  return { ...becomes(name, key), apply: (value) => ({ kind: 'set', key, value }) }
}

/** Becomes the key, with its words translated; other words are errors. */
export function translated(
  name: string,
  key: string,
  words: Readonly<Record<string, string>>,
): PropertyRule {
  const offered = [...new Set(Object.keys(words))].map((word) => (word === '' ? '""' : word))
  return {
    name,
    key,
    meaning: `\`${key}\``,
    apply(value) {
      const given = value.toLowerCase()
      const word = Object.hasOwn(words, given) ? words[given] : undefined
      if (word !== undefined) return { kind: 'set', key, value: word }
      return {
        kind: 'refused',
        message: 'has an unknown value',
        remedy: `write one of ${offered.join(', ')}`,
      }
    },
  }
}

/** Only this value matches the behaviour of the service; any other is refused. */
export function only(name: string, allowed: string, because: string, remedy: string): PropertyRule {
  return {
    name,
    meaning: `only \`${allowed}\`: ${because}`,
    apply: (value) =>
      value.toLowerCase() === allowed
        ? { kind: 'accepted' }
        : { kind: 'refused', message: `cannot have this value: ${because}`, remedy },
  }
}

export function refused(name: string, because: string, remedy: string): PropertyRule {
  return {
    name,
    meaning: `error: ${because}`,
    apply: () => ({ kind: 'refused', message: `cannot be mapped: ${because}`, remedy }),
  }
}
