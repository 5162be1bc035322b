import { printable } from '../../kernel/text/printable.ts'
import { coordinates } from '../../sink/dead-letters/letter-id.ts'
import type { StoredLetter } from '../../sink/dead-letters/types.ts'
import { formatCount, table } from '../terminal/terminal.ts'
import { isForeign, OtherGroups, type Wanted } from './groups.ts'
import type { OpenedStore } from './store.ts'
import { limited } from './store.ts'

/** Which letters are selected, and which of them stay where they are. */
export interface Selection {
  readonly filter: Wanted
  readonly limit: number
  /** Letters redriven this many times are skipped. */
  readonly maxRedrives: number
  /** Whether to include letters that an earlier redrive may have sent. */
  readonly resend: boolean
  /** Whether to include letters that are whole batches instead of records. */
  readonly batches: boolean
}

export type Verdict = 'wanted' | 'redriven too often' | 'may have been sent' | 'no record'

/** Errors of letters that hold a raw batch: sending that as a record is useless. */
const OF_BATCHES: ReadonlySet<string> = new Set([
  'OCC_BATCH_CORRUPT',
  'OCC_BATCH_CODEC',
  'OCC_BATCH_FORMAT',
  'OCC_BATCH_TOO_LARGE',
])

export function judge(letter: StoredLetter, { maxRedrives, resend, batches }: Selection): Verdict {
  if (!batches && OF_BATCHES.has(letter.errorType)) return 'no record'
  if (letter.redrives >= maxRedrives) return 'redriven too often'
  return letter.sendingSince !== null && !resend ? 'may have been sent' : 'wanted'
}

export interface Plan {
  readonly wanted: number
  readonly tooOften: number
  readonly uncertain: number
  /** Letters that are raw batches. */
  readonly batches: number
  /** How many letters are wanted, by group, original topic, error type and handler. */
  readonly kinds: ReadonlyMap<string, number>
  /** Whether some of them are not known to be of the configured group. */
  readonly isMixed: boolean
  /** Original topics of the wanted letters, by group; null: letters that name no group. */
  readonly topics: ReadonlyMap<string | null, ReadonlySet<string>>
  /** A line about letters of other groups, which stay. */
  readonly others: string | null
  /** Ids and coordinates of all letters that match the filter. */
  readonly found: ReadonlySet<string>
}

/** Determines what would be done, without doing it. */
export async function planOf({ store, config }: OpenedStore, selection: Selection): Promise<Plan> {
  const kinds = new Map<string, number>()
  const topics = new Map<string | null, Set<string>>()
  const others = new OtherGroups()
  let isMixed = false
  const found = new Set<string>()
  const counts = { wanted: 0, 'redriven too often': 0, 'may have been sent': 0, 'no record': 0 }
  for await (const letter of limited(store, selection.filter, selection.limit, others)) {
    const { topic } = letter.record
    if (selection.filter.names !== undefined) found.add(letter.id).add(coordinates(letter))
    const verdict = judge(letter, selection)
    counts[verdict] += 1
    if (verdict !== 'wanted') continue
    const { group } = letter
    isMixed ||= isForeign(group, config)
    topics.set(group, (topics.get(group) ?? new Set()).add(topic))
    const kind = [group ?? '-', topic, letter.errorType, letter.handler ?? '-'].map(printable)
    kinds.set(kind.join('\n'), (kinds.get(kind.join('\n')) ?? 0) + 1)
  }
  return {
    wanted: counts.wanted,
    tooOften: counts['redriven too often'],
    uncertain: counts['may have been sent'],
    batches: counts['no record'],
    kinds,
    isMixed,
    topics,
    others: others.text,
    found,
  }
}

/** @param verb As in `to send`. */
export function describePlan(plan: Plan, verb: string, { maxRedrives }: Selection): string {
  const lines = [`${formatCount(plan.wanted)} dead letters ${verb}`]
  if (plan.wanted > 0) {
    const from = plan.isMixed ? 0 : 1
    const rows = Array.from(plan.kinds, ([kind, count]) => [
      ...kind.split('\n').slice(from),
      formatCount(count),
    ])
    const header = ['Group', 'Topic', 'Error', 'Handler', 'Letters'].slice(from)
    lines.push('', table(rows, { header }))
  }
  if (plan.tooOften > 0) {
    lines.push(
      '',
      `${formatCount(plan.tooOften)} more stay: they were already redriven ${maxRedrives} times. Find out why they fail; a higher --max-redrives N sends them anyway.`,
    )
  }
  if (plan.uncertain > 0) {
    lines.push(
      '',
      `${formatCount(plan.uncertain)} more stay: a redrive ended while sending them, and they may have arrived. --resend sends them again, dlq drop removes them.`,
    )
  }
  if (plan.batches > 0) {
    lines.push(
      '',
      `${formatCount(plan.batches)} more stay: each is a damaged batch as received from the broker, not a record. dlq show prints one; see "Damaged batches" in docs/operations.md.`,
    )
  }
  if (plan.others !== null) lines.push('', plan.others)
  return lines.join('\n')
}
