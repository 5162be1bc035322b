import { coordinates } from '../../sink/dead-letters/letter-id.ts'
import type { OpenedStore } from './open.ts'
import { judge, type Selection } from './selection.ts'
import { limited, OtherGroups } from './wanted.ts'

/** Letters that have all of this in common. */
export interface Kind {
  readonly group: string | null
  /** The original one. */
  readonly topic: string
  readonly errorType: string
  readonly handler: string | null
  letters: number
}

export interface Plan {
  /** Letters that the filter matches, also those that stay. */
  readonly matching: number
  readonly wanted: number
  readonly tooOften: number
  readonly uncertain: number
  /** Letters that are raw batches. */
  readonly batches: number
  /** What is wanted. */
  readonly kinds: readonly Kind[]
  /** Original topics of the wanted letters, by group; null: letters that name no group. */
  readonly topics: ReadonlyMap<string | null, ReadonlySet<string>>
  /** Letters of other groups, which stay, by group. */
  readonly others: ReadonlyMap<string, number>
  /** Ids and coordinates of all letters that match the filter. */
  readonly found: ReadonlySet<string>
}

/** Determines what would be done, without doing it. */
export async function planOf(
  { store, goesOn }: Pick<OpenedStore, 'store' | 'goesOn'>,
  selection: Selection,
): Promise<Plan> {
  const kinds = new Map<string, Kind>()
  const topics = new Map<string | null, Set<string>>()
  const others = new OtherGroups()
  const found = new Set<string>()
  const counts = { wanted: 0, 'redriven too often': 0, 'may have been sent': 0, 'no record': 0 }
  const { filter, limit } = selection
  // With a limit the order decides which letters it is about.
  const reading = { outlines: limit === Number.POSITIVE_INFINITY, goesOn }
  for await (const letter of limited(store, filter, limit, others, reading)) {
    if (filter.names !== undefined) found.add(letter.id).add(coordinates(letter))
    const verdict = judge(letter, selection)
    counts[verdict] += 1
    if (verdict !== 'wanted') continue
    const { group, errorType, handler, record } = letter
    topics.set(group, (topics.get(group) ?? new Set()).add(record.topic))
    const key = JSON.stringify([group, record.topic, errorType, handler])
    const kind = kinds.get(key) ?? { group, topic: record.topic, errorType, handler, letters: 0 }
    kind.letters += 1
    kinds.set(key, kind)
  }
  return {
    matching: Object.values(counts).reduce((sum, count) => sum + count, 0),
    wanted: counts.wanted,
    tooOften: counts['redriven too often'],
    uncertain: counts['may have been sent'],
    batches: counts['no record'],
    kinds: [...kinds.values()],
    topics,
    others: others.counts,
    found,
  }
}
