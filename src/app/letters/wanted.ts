import type { Config } from '../../config/types.ts'
import type {
  DeadLetterStore,
  LetterFilter,
  Reading,
  StoredLetter,
} from '../../sink/dead-letters/types.ts'
import { unitsOf } from '../units/units.ts'

/** Which letters the work is about. A letter without a group fits every group. */
export interface Wanted extends LetterFilter {
  /** Consumer groups; absent: all. */
  readonly groups?: readonly string[]
}

/**
 * What each consumer group of a service with this configuration reads: its own, and those of its
 * handlers. If every handler has a group of its own, that of the service reads nothing.
 *
 * @param embedded The program has a handler of its own, in the group of the service.
 */
export function topicsByGroup(
  config: Config,
  embedded = false,
): ReadonlyMap<string, readonly string[]> {
  const units = unitsOf(config, embedded).map(
    ({ config: { kafka } }) => [kafka.groupId, kafka.topics] as const,
  )
  return new Map([[config.kafka.groupId, []], ...units])
}

/** Letters of other groups, which are left alone, by group. */
export class OtherGroups {
  readonly counts = new Map<string, number>()

  /** Counts the letter if it is of another group. */
  has({ group }: StoredLetter, { groups }: Wanted): boolean {
    if (group === null || groups === undefined || groups.includes(group)) return false
    this.counts.set(group, (this.counts.get(group) ?? 0) + 1)
    return true
  }
}

/**
 * The letters that are wanted, at most `limit`.
 *
 * @param others Counts the letters of other groups that would match otherwise.
 */
export async function* limited(
  store: DeadLetterStore,
  wanted: Wanted,
  limit: number,
  others = new OtherGroups(),
  reading: Reading = {},
): AsyncGenerator<StoredLetter> {
  let count = 0
  const { groups, ...filter } = wanted
  for await (const letter of store.list(filter, reading)) {
    if (others.has(letter, wanted)) continue
    yield letter
    count += 1
    if (count >= limit) return
  }
}
