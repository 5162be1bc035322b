import type { Clock } from '../../kernel/clock.ts'
import type { Metadata } from '../cluster/metadata.ts'
import type { DescribeGroupsResponse } from '../protocol/index.ts'
import type { MemberOptions } from '../types.ts'
import { decodeAssignment } from './assignors/index.ts'

export interface UnassignedParts {
  readonly options: Pick<MemberOptions, 'topics' | 'metadataMaxAge'>
  readonly metadata: Metadata
  readonly clock: Clock
  /** The group as the coordinator has it; undefined: it does not tell. */
  describe(): Promise<DescribeGroupsResponse['groups'][number] | undefined>
  rejoin(reason: string): void
}

/**
 * Partitions of this member's topics that nobody has. To see to new ones is the leader's task; but a
 * static member that led and was restarted is told that its former self leads, so that none of them
 * knows that it does. So whoever sees partitions that are nobody's for longer than the leader takes
 * to notice asks for a round, in which the broker says anew who leads.
 */
export class Unassigned {
  readonly #parts: UnassignedParts
  #isFollowing = false
  /** Partitions of each topic when all of them were somebody's; null: not known. */
  #seen: ReadonlyMap<string, number> | null = null
  /** Monotonic milliseconds since when some are nobody's. */
  #since: number | null = null
  #isLooking = false

  constructor(parts: UnassignedParts) {
    this.#parts = parts
  }

  /** This member leads: it sees to that itself. */
  lead(): void {
    this.#isFollowing = false
  }

  /** @param isOld the assignment is one from before this member was restarted. */
  follow(isOld: boolean): void {
    this.#isFollowing = true
    this.#seen = isOld ? null : this.#counts()
    this.#since = null
  }

  /** The metadata is new. */
  look(): void {
    if (!this.#isFollowing || this.#isLooking) return
    if (this.#seen !== null && !differs(this.#seen, this.#counts())) return
    this.#isLooking = true
    this.#ask()
      // Nobody could tell: the next metadata is the next occasion.
      .catch(() => {})
      .finally(() => {
        this.#isLooking = false
      })
  }

  async #ask(): Promise<void> {
    const { clock, options, rejoin } = this.#parts
    const seen = this.#seen
    const group = await this.#parts.describe()
    if (!this.#isFollowing || seen !== this.#seen) return
    const now = this.#counts()
    // Who may not ask goes by what it sees itself, if that is anything.
    const isTold = group !== undefined && group.error === 0 && group.protocolType === 'consumer'
    if (isTold && group.state !== 'Stable') return
    const isAssigned = isTold ? this.#allIn(group.members) : seen === null
    if (isAssigned) {
      this.#seen = now
      this.#since = null
      return
    }
    this.#since ??= clock.monotonic()
    if (clock.monotonic() - this.#since < options.metadataMaxAge) return
    this.#seen = now
    this.#since = null
    rejoin('partitions are not assigned to anybody')
  }

  #allIn(members: DescribeGroupsResponse['groups'][number]['members']): boolean {
    const assigned = new Map<string, Set<number>>()
    for (const { assignment } of members) {
      for (const [topic, partitions] of decodeAssignment(assignment)) {
        const of = assigned.get(topic) ?? new Set<number>()
        for (const partition of partitions) of.add(partition)
        assigned.set(topic, of)
      }
    }
    const { options, metadata } = this.#parts
    return options.topics.every((topic) =>
      metadata.partitionsOf(topic).every((partition) => assigned.get(topic)?.has(partition)),
    )
  }

  #counts(): ReadonlyMap<string, number> {
    const { options, metadata } = this.#parts
    return new Map(options.topics.map((topic) => [topic, metadata.partitionsOf(topic).length]))
  }
}

function differs(one: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>): boolean {
  return [...one].some(([topic, count]) => other.get(topic) !== count)
}
