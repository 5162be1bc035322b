import { keptIn } from '../../kernel/kept-in.ts'
import type { Clock } from '../../kernel/time/clock.ts'
import type { Metadata } from '../cluster/metadata.ts'
import type { DescribeGroupsResponse } from '../protocol/index.ts'
import type { MemberOptions } from '../types.ts'
import { decodeAssignment } from './assignors/index.ts'

export interface UnassignedParts {
  readonly options: Pick<MemberOptions, 'topics' | 'metadataMaxAge'>
  readonly metadata: Metadata
  readonly clock: Clock
  /** The group as the coordinator describes it; undefined: it does not. */
  describe(): Promise<DescribeGroupsResponse['groups'][number] | undefined>
  rejoin(reason: string): void
}

/**
 * Finds partitions of this member's topics that no member has. New partitions are the leader's
 * task. But a static member that led and was restarted is told that its old member id leads, so no
 * member acts as the leader. Therefore a member that sees unassigned partitions for longer than a
 * leader needs to notice requests a round, in which the broker names a leader again.
 */
export class Unassigned {
  readonly #parts: UnassignedParts
  #isFollowing = false
  /** Number of partitions of each topic when all were assigned; null: not known. */
  #seen: ReadonlyMap<string, number> | null = null
  /** Since when some are unassigned, in monotonic milliseconds. */
  #since: number | null = null
  #isLooking = false

  constructor(parts: UnassignedParts) {
    this.#parts = parts
  }

  /** This member leads, and handles new partitions itself. */
  lead(): void {
    this.#isFollowing = false
  }

  /** @param isOld the assignment is from before this member was restarted */
  follow(isOld: boolean): void {
    this.#isFollowing = true
    this.#seen = isOld ? null : this.#counts()
    this.#since = null
  }

  /** The metadata was refreshed. */
  look(): void {
    if (!this.#isFollowing || this.#isLooking) return
    if (this.#seen !== null && !differs(this.#seen, this.#counts())) return
    this.#isLooking = true
    this.#ask()
      // Not known: the next metadata triggers another attempt.
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
    // Without authorization to describe the group, its own view decides, if it has one.
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
    rejoin('some partitions are not assigned to any member')
  }

  #allIn(members: DescribeGroupsResponse['groups'][number]['members']): boolean {
    const assigned = new Map<string, Set<number>>()
    for (const { assignment } of members) {
      for (const [topic, partitions] of decodeAssignment(assignment)) {
        const of = keptIn(assigned, topic, () => new Set<number>())
        for (const partition of partitions) of.add(partition)
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
