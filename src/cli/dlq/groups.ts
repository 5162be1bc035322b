import { unitsOf } from '../../app/units/units.ts'
import type { Config } from '../../config/types.ts'
import type { LetterFilter, StoredLetter } from '../../sink/dead-letters/types.ts'
import { listOf, usageError } from '../arguments.ts'
import { formatCount } from '../terminal/terminal.ts'

/** Which letters a command is about. A letter without a group fits every group. */
export interface Wanted extends LetterFilter {
  /** Consumer groups; absent: all. */
  readonly groups?: readonly string[]
}

/** Selects every group in `--group` and `--to-group`. */
export const ALL = 'all'

/**
 * What each consumer group of a service with this configuration reads: its own, and those of its
 * handlers. If every handler has a group of its own, that of the service reads nothing.
 */
export function topicsByGroup(config: Config): ReadonlyMap<string, readonly string[]> {
  const units = unitsOf(config).map(
    ({ config: { kafka } }) => [kafka.groupId, kafka.topics] as const,
  )
  return new Map([[config.kafka.groupId, []], ...units])
}

/** @param flag Value of `--group`; without it: the groups of the service. */
export function inGroup(filter: LetterFilter, flag: string | undefined, config: Config): Wanted {
  if (flag === ALL) return filter
  const groups = flag === undefined ? [...topicsByGroup(config).keys()] : listOf(flag)
  if (groups.includes(ALL)) throw usageError(`--group is ${flag}; give names, or all alone`)
  return { ...filter, groups }
}

/** Letters of other groups, which a command leaves alone, by group. */
export class OtherGroups {
  readonly #counts = new Map<string, number>()

  /** Counts the letter if it is of another group. */
  has({ group }: StoredLetter, { groups }: Wanted): boolean {
    if (group === null || groups === undefined || groups.includes(group)) return false
    this.#counts.set(group, (this.#counts.get(group) ?? 0) + 1)
    return true
  }

  /** One line with the counts; null: there are none. */
  get text(): string | null {
    if (this.#counts.size === 0) return null
    const total = [...this.#counts.values()].reduce((sum, count) => sum + count, 0)
    const each = Array.from(this.#counts, ([group, count]) => `${group}: ${formatCount(count)}`)
    return `${formatCount(total)} more of other groups (${each.join(', ')}): --group NAME or --group all.`
  }
}

/** Whether a table needs a column for the group. */
export function isForeign(group: string | null, { kafka }: Config): boolean {
  return group !== kafka.groupId
}
