import { printable } from '../../kernel/text/printable.ts'
import { redactText } from '../../kernel/text/redact-text.ts'
import type { StoredLetter } from '../../sink/dead-letters/types.ts'
import { formatCount, secondText, table, timeText } from '../terminal/terminal.ts'
import type { Grouping } from './flags.ts'

/** What `--by` calls a field, and what it is in a letter. */
const FIELDS: Readonly<
  Record<Grouping, { name: string; title: string; of(letter: StoredLetter): string | null }>
> = {
  error: { name: 'error_type', title: 'Error', of: ({ errorType }) => errorType },
  handler: { name: 'handler', title: 'Handler', of: ({ handler }) => handler },
  topic: { name: 'original_topic', title: 'Topic', of: ({ record }) => record.topic },
  group: { name: 'consumer_group', title: 'Group', of: ({ group }) => group },
}

const MESSAGE = 60

interface Total {
  readonly values: ReadonlyArray<string | null>
  letters: number
  /** Milliseconds since the epoch. */
  first: number
  last: number
  /** The one that failed last. */
  sample: Pick<StoredLetter, 'id' | 'errorMessage'>
}

/** Counts letters by the fields; without fields, all together. */
export function createTotals(by: readonly Grouping[]) {
  const totals = new Map<string, Total>()
  let letters = 0
  let first = Number.POSITIVE_INFINITY
  let last = Number.NEGATIVE_INFINITY

  /** The most frequent first. */
  function sorted(limit: number): Total[] {
    return [...totals.values()].sort((a, b) => b.letters - a.letters).slice(0, limit)
  }

  return {
    get letters() {
      return letters
    },
    /** Different combinations of the fields. */
    get rows() {
      return totals.size
    },
    add(letter: StoredLetter): void {
      const { id, errorMessage, failedAt } = letter
      letters += 1
      first = Math.min(first, failedAt)
      last = Math.max(last, failedAt)
      const values = by.map((field) => FIELDS[field].of(letter))
      const key = JSON.stringify(values)
      const total = totals.get(key)
      const sample = { id, errorMessage }
      if (total === undefined) {
        totals.set(key, { values, letters: 1, first: failedAt, last: failedAt, sample })
        return
      }
      total.letters += 1
      total.first = Math.min(total.first, failedAt)
      if (failedAt < total.last) return
      total.last = failedAt
      total.sample = sample
    },
    table(limit: number): string {
      const rows = sorted(limit).map((total) => [
        formatCount(total.letters),
        ...total.values.map((value) => printable(value ?? '-')),
        secondText(total.first),
        secondText(total.last),
        total.sample.id,
        shortened(total.sample.errorMessage),
      ])
      const titles = by.map((field) => FIELDS[field].title)
      return table(rows, { header: ['Letters', ...titles, 'First', 'Last', 'One of them', ''] })
    },
    json: (limit: number) =>
      sorted(limit).map((total) => ({
        letters: total.letters,
        ...Object.fromEntries(
          by.map((field, index) => [FIELDS[field].name, total.values[index] ?? null]),
        ),
        first_failed_at: timeText(total.first),
        last_failed_at: timeText(total.last),
        sample: total.sample.id,
        sample_message: redactText(total.sample.errorMessage),
      })),
    /** One line about all letters. */
    get text() {
      const when =
        first === last
          ? `failed at ${secondText(first)}`
          : `failed from ${secondText(first)} to ${secondText(last)}`
      return `${formatCount(letters)} dead letter${letters === 1 ? '' : 's'}, ${when}.`
    },
  }
}

function shortened(message: string): string {
  const text = printable(redactText(message))
  return text.length > MESSAGE ? `${text.slice(0, MESSAGE - 3)}...` : text
}
