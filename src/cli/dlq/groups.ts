import { ALL } from '../../app/letters/destination.ts'
import { topicsByGroup, type Wanted } from '../../app/letters/wanted.ts'
import type { Config } from '../../config/types.ts'
import type { LetterFilter } from '../../sink/dead-letters/types.ts'
import { listOf, usageError } from '../arguments.ts'
import { formatCount } from '../terminal/terminal.ts'

/** @param flag Value of `--group`; without it: the groups of the service. */
export function inGroup(filter: LetterFilter, flag: string | undefined, config: Config): Wanted {
  if (flag === ALL) return filter
  const groups = flag === undefined ? [...topicsByGroup(config).keys()] : listOf(flag)
  if (groups.includes(ALL)) throw usageError(`--group is ${flag}; give names, or all alone`)
  return { ...filter, groups }
}

/** One line about letters of other groups; null: there are none. */
export function othersText(counts: ReadonlyMap<string, number>): string | null {
  if (counts.size === 0) return null
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0)
  const each = Array.from(counts, ([group, count]) => `${group}: ${formatCount(count)}`)
  return `${formatCount(total)} more of other groups (${each.join(', ')}): --group NAME or --group all.`
}

/** Whether a table needs a column for the group. */
export function isForeign(group: string | null, { kafka }: Config): boolean {
  return group !== kafka.groupId
}
