/** What a property with its value comes to. */
export type PropertyOutcome =
  /** The same as this key with this value. */
  | { readonly kind: 'set'; readonly key: string; readonly value: unknown; readonly note?: string }
  /** Already so; nothing to set. The note, if any, is worth a warning. */
  | { readonly kind: 'accepted'; readonly note?: string }
  | { readonly kind: 'refused'; readonly message: string; readonly remedy: string }

export interface PropertyRule {
  readonly name: string
  /** The key it becomes; undefined where there is none. */
  readonly key?: string
  /** For the table in the documents. */
  readonly meaning: string
  apply(value: string): PropertyOutcome
}

/** Becomes the key, its value as it is; a number stands for milliseconds or bytes there too. */
export function becomes(name: string, key: string): PropertyRule {
  return {
    name,
    key,
    meaning: `\`${key}\``,
    apply: (value) => ({ kind: 'set', key, value: /^\d+$/.test(value) ? Number(value) : value }),
  }
}

/** Becomes the key, as text even when it looks like a number. */
export function becomesText(name: string, key: string): PropertyRule {
  return { ...becomes(name, key), apply: (value) => ({ kind: 'set', key, value }) }
}

/** Becomes the key, its words translated; other words are errors. */
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

/** Only this value is how the service works; any other is refused. */
export function only(name: string, allowed: string, because: string, remedy: string): PropertyRule {
  return {
    name,
    meaning: `only \`${allowed}\`: ${because}`,
    apply: (value) =>
      value.toLowerCase() === allowed
        ? { kind: 'accepted' }
        : { kind: 'refused', message: `cannot be set so: ${because}`, remedy },
  }
}

export function refused(name: string, because: string, remedy: string): PropertyRule {
  return {
    name,
    meaning: `error: ${because}`,
    apply: () => ({ kind: 'refused', message: `cannot be mapped: ${because}`, remedy }),
  }
}
