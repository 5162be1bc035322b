import type { Grouping, Totals } from '../../app/letters/totals.ts'
import { printable } from '../../kernel/text/printable.ts'
import { redactText } from '../../kernel/text/redact-text.ts'
import { counted, formatCount, secondText, table, timeText } from '../terminal/terminal.ts'

/** What `--by` calls a field: in JSON, and above its column. */
const FIELDS: Readonly<Record<Grouping, { readonly name: string; readonly title: string }>> = {
  error: { name: 'error_type', title: 'Error' },
  handler: { name: 'handler', title: 'Handler' },
  topic: { name: 'original_topic', title: 'Topic' },
  group: { name: 'consumer_group', title: 'Group' },
}

const MESSAGE = 60

export function totalsTable(totals: Totals, limit: number): string {
  const rows = totals
    .sorted(limit)
    .map(({ letters, values, first, last, sample }) => [
      formatCount(letters),
      ...values.map((value) => printable(value ?? '-')),
      secondText(first),
      secondText(last),
      sample.id,
      shortened(sample.message),
    ])
  const titles = totals.by.map((field) => FIELDS[field].title)
  return table(rows, { header: ['Letters', ...titles, 'First', 'Last', 'One of them', ''] })
}

export function totalsJson(totals: Totals, limit: number): object[] {
  return totals.sorted(limit).map(({ letters, values, first, last, sample }) => ({
    letters,
    ...Object.fromEntries(
      totals.by.map((field, index) => [FIELDS[field].name, values[index] ?? null]),
    ),
    first_failed_at: timeText(first),
    last_failed_at: timeText(last),
    sample: sample.id,
    sample_message: redactText(sample.message),
  }))
}

/** One line about all letters. */
export function totalsText({ letters, first, last }: Totals): string {
  const when =
    first === last
      ? `failed at ${secondText(first)}`
      : `failed from ${secondText(first)} to ${secondText(last)}`
  return `${counted(letters, 'dead letter')}, ${when}.`
}

function shortened(message: string): string {
  const text = printable(redactText(message))
  return text.length > MESSAGE ? `${text.slice(0, MESSAGE - 3)}...` : text
}
