import { coordinates } from '../../sink/dead-letters/letter-id.ts'
import type { StoredLetter } from '../../sink/dead-letters/types.ts'

/** What letters can be counted by. */
export const GROUPINGS = ['error', 'handler', 'topic', 'group'] as const
export type Grouping = (typeof GROUPINGS)[number]

const FIELDS: Readonly<Record<Grouping, (letter: StoredLetter) => string | null>> = {
  error: ({ errorType }) => errorType,
  handler: ({ handler }) => handler,
  topic: ({ record }) => record.topic,
  group: ({ group }) => group,
}

export interface Total {
  /** Of the fields, in their order. */
  readonly values: ReadonlyArray<string | null>
  letters: number
  /** When the first and the last of them failed; milliseconds since the epoch. */
  first: number
  last: number
  /** The one that failed last. */
  sample: { readonly id: string; readonly place: string; readonly message: string }
}

export interface Totals {
  readonly by: readonly Grouping[]
  readonly letters: number
  /** Different combinations of the fields. */
  readonly rows: number
  /** Letters that are in no row, because there are too many. */
  readonly beyond: number
  /** Milliseconds since the epoch; infinite without letters. */
  readonly first: number
  readonly last: number
  add(letter: StoredLetter): void
  /** The most frequent first. */
  sorted(limit: number): Total[]
}

/** Counts letters by the fields; without fields, all together. @param most Rows at most. */
export function createTotals(by: readonly Grouping[], most = Number.POSITIVE_INFINITY): Totals {
  const totals = new Map<string, Total>()
  const all = {
    letters: 0,
    beyond: 0,
    first: Number.POSITIVE_INFINITY,
    last: Number.NEGATIVE_INFINITY,
  }
  return {
    by,
    get letters() {
      return all.letters
    },
    get rows() {
      return totals.size
    },
    get beyond() {
      return all.beyond
    },
    get first() {
      return all.first
    },
    get last() {
      return all.last
    },
    add(letter) {
      const { id, errorMessage: message, failedAt } = letter
      all.letters += 1
      all.first = Math.min(all.first, failedAt)
      all.last = Math.max(all.last, failedAt)
      const values = by.map((field) => FIELDS[field](letter))
      const key = JSON.stringify(values)
      const total = totals.get(key)
      if (total !== undefined && failedAt < total.last) {
        total.letters += 1
        total.first = Math.min(total.first, failedAt)
        return
      }
      if (total === undefined && totals.size >= most) {
        all.beyond += 1
        return
      }
      totals.set(key, {
        values,
        letters: (total?.letters ?? 0) + 1,
        first: Math.min(total?.first ?? failedAt, failedAt),
        last: failedAt,
        sample: { id, place: coordinates(letter), message },
      })
    },
    sorted: (limit) => [...totals.values()].sort((a, b) => b.letters - a.letters).slice(0, limit),
  }
}
