import type { Expected } from './expectation.ts'

/** What differs for one record, as lines of text. */
export interface Difference {
  readonly record: string
  /** Expected, but not so. */
  readonly missing: readonly string[]
  /** So, but not expected. */
  readonly added: readonly string[]
}

/** By record: the order of keys in JSON, and of what was emitted, does not matter. */
export function differences(
  expected: readonly Expected[],
  actual: readonly Expected[],
): readonly Difference[] {
  const wanted = new Map(expected.map((each) => [each.record, linesOf(each)]))
  const found = new Map(actual.map((each) => [each.record, linesOf(each)]))
  return [...new Set([...wanted.keys(), ...found.keys()])].flatMap((record) => {
    const before = wanted.get(record) ?? []
    const after = found.get(record) ?? []
    const missing = without(before, after)
    const added = without(after, before)
    return missing.length + added.length === 0 ? [] : [{ record, missing, added }]
  })
}

function linesOf({ outcome, reason, error, emitted }: Expected): string[] {
  return [
    [outcome, error, reason].filter((part) => part !== undefined).join(' '),
    ...emitted.map(({ sink, ...value }) => `${sink} ${canonical(value)}`),
  ]
}

/** Each line as often as it is more often in `lines` than in `others`. */
function without(lines: readonly string[], others: readonly string[]): string[] {
  const left = [...others]
  return lines.filter((line) => {
    const at = left.indexOf(line)
    if (at !== -1) left.splice(at, 1)
    return at === -1
  })
}

/** JSON with sorted keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) => {
    const isMap = typeof inner === 'object' && inner !== null && !Array.isArray(inner)
    if (!isMap || JSON.stringify(inner)?.[0] !== '{') return inner
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
  })
}
