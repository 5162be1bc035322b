import { counted } from '../../kernel/text/figures.ts'
import type {
  Numbers,
  PartitionFacts,
  PartitionOverview,
  PartitionWord,
} from '../../observe/overview/types.ts'
import { records, seconds } from './figures.ts'

/** Lag that is as high as it gets. */
const TALLEST_SECONDS = 4 * 3600

/** From bad to good. */
export const WORST_FIRST: readonly PartitionWord[] = [
  'stalled',
  'growing',
  'held',
  'unknown',
  'behind',
  'ok',
  'not mine',
]

/** A partition as it is shown: as this pod or the one that has it says. */
export interface Shown {
  readonly each: PartitionOverview
  readonly word: PartitionWord
  /** null: nothing is known of it now. */
  readonly facts: PartitionFacts | null
}

/** As this pod knows it, or the one that has it and answers. */
export function shownOf(each: PartitionOverview): Shown {
  const { word, facts, told } = each
  return told?.isCurrent === true
    ? { each, word: told.word, facts: agedBy(told.ageSeconds, told.facts) }
    : { each, word, facts }
}

/** What was told a while ago has become older. */
function agedBy(seconds: number, facts: PartitionFacts): PartitionFacts {
  const { endAgeSeconds: age } = facts
  return age === null ? facts : { ...facts, endAgeSeconds: age + seconds }
}

/** Those of which something is known or was told, the worst first. */
export function worstOf(all: readonly Shown[]): Shown[] {
  return all
    .filter(({ each, facts }) => facts !== null || each.told !== undefined)
    .toSorted((a, b) => rank(a) - rank(b) || (b.facts?.lag ?? 0) - (a.facts?.lag ?? 0))
}

const rank = ({ each, word, facts }: Shown) =>
  WORST_FIRST.indexOf(facts === null && each.told !== undefined ? 'unknown' : word)

export const titleOf = (group: string | undefined, topic: string) =>
  group === undefined ? topic : `${group}: ${topic}`

/** Of a pod that does not answer. */
export function lastSaid({ pod, ageSeconds, word, facts }: NonNullable<PartitionOverview['told']>) {
  const of = agedBy(ageSeconds, facts)
  return `${pod} said ${seconds(ageSeconds)} ago: ${word}, ${seconds(of.lagSeconds)} behind, ${records(of.lag)}${ageText(of)}`
}

// `status` shows documents of older versions, too: what these do not say is undefined.

/** How old the lag is, if it is not that of now: `, 3m 05s ago`. */
export function ageText({ isCurrent, endAgeSeconds: age }: PartitionFacts): string {
  return isCurrent !== false || age === null ? '' : `, ${seconds(age)} ago`
}

/** Which part of the figures is not that of now: `; 2 partitions as of 3m 05s ago`. */
export function oldText({ unknownPartitions, endAgeSeconds: age }: Numbers): string {
  if (!(unknownPartitions > 0)) return ''
  const how = age === null ? 'not known' : `as of ${seconds(age)} ago`
  return `; ${counted(unknownPartitions, 'partition')} ${how}`
}

/** What is said of each `pausedBy`, behind it. */
const WAITS: Readonly<Record<string, string>> = {
  operator: 'has paused it',
  pauses: 'it is not known yet which there are',
  circuit: 'of a handler that fails, or is paused',
  decode: 'no record has the format',
  schema: 'or blocks before its next record',
  'dead-letters': 'their target takes none',
  parked: 'their table takes none',
  window: 'full of records in flight',
  queue: 'full, as handlers are slower',
  corrupt: 'a batch that cannot be read',
}

/** Why nothing new of it is handed over or fetched; empty: there is no reason. */
export function waitsFor({ problem, pausedBy, blockedByTransaction: blocked }: PartitionFacts) {
  if (problem !== null) return problem
  if (pausedBy !== null) return [pausedBy, WAITS[pausedBy] ?? []].flat().join(': ')
  return blocked == null ? '' : `transaction: open, with ${records(blocked)}`
}

/** Until the lag is gone. */
export function doneIn({ lag, isCurrent, secondsToDrain }: PartitionFacts): string {
  return lag === 0 && isCurrent !== false ? '0 s' : seconds(secondsToDrain)
}

/** The lag in time as a height, 0 to 1. */
export function heightOf({ facts }: Shown): number {
  const behind = Math.min(facts?.lagSeconds ?? 0, TALLEST_SECONDS)
  return Math.log1p(behind) / Math.log1p(TALLEST_SECONDS)
}
