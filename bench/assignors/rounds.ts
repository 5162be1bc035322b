import { assignors, type MemberSubscription } from '../../src/broker/group/assignors/index.ts'
import { accept, type Group, movedBetween, namesOf } from './history.ts'

export interface Rounds {
  readonly rounds: number
  /** Partitions that a member which is still there had to give up, over all rounds. */
  readonly moved: number
  /** Partitions that were given to a member while another one still owned them: must be none. */
  readonly overlaps: readonly string[]
}

/**
 * A cooperative rebalance to its end: after each round those that lost a partition join again.
 * @param between what else happens after a round
 */
export function rebalance(group: Group, between: (round: number) => void = () => {}): Rounds {
  const overlaps: string[] = []
  let moved = 0
  for (let round = 1; ; round++) {
    const before = group.members
    const assignment = assignors['cooperative-sticky'].assign(before, group.topics)
    overlaps.push(...takenFromOthers(before, assignment))
    const lost = movedBetween(before, assignment)
    moved += lost
    accept(group, assignment)
    const members = group.members
    between(round)
    if (lost === 0 && group.members === members) return { rounds: round, moved, overlaps }
    if (round === 100) throw new Error('the rounds of a rebalance do not come to an end')
  }
}

function takenFromOthers(
  before: readonly MemberSubscription[],
  assignment: ReadonlyMap<string, ReadonlyMap<string, readonly number[]>>,
): string[] {
  const owners = new Map<string, string>()
  for (const { memberId, owned } of before) {
    for (const name of namesOf(owned)) owners.set(name, memberId)
  }
  return [...assignment].flatMap(([memberId, partitions]) =>
    namesOf(partitions).filter((name) => (owners.get(name) ?? memberId) !== memberId),
  )
}
