import { codeOf, messageOf } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import { counted } from '../../kernel/text/counted.ts'
import type { Metadata } from '../cluster/metadata.ts'
import type { JoinGroupResponse } from '../protocol/index.ts'
import type { AssignorName } from '../types.ts'
import {
  assignors,
  decodeSubscription,
  encodeAssignment,
  type MemberSubscription,
} from './assignors/index.ts'
import type { Unassigned } from './unassigned.ts'

/**
 * The group leader's work: assigns the partitions of all topics that any member reads, including
 * topics that this member does not read, and requests a round when their number changes.
 */
export class Leader {
  readonly #metadata: Metadata
  readonly #own: readonly string[]
  readonly #unassigned: Unassigned
  readonly #log: Log
  /** Number of partitions of each topic at the last assignment; null: this member does not lead. */
  #assigned: ReadonlyMap<string, number> | null = null

  constructor(metadata: Metadata, own: readonly string[], unassigned: Unassigned, log: Log) {
    this.#unassigned = unassigned
    this.#metadata = metadata
    this.#own = own
    this.#log = log
  }

  /** Rejects if the metadata of a topic cannot be read. */
  async assign({ members, protocol, generation }: JoinGroupResponse) {
    const subscriptions = members.flatMap((member) => this.#read(member, protocol))
    const topics = new Set([...this.#own, ...subscriptions.flatMap((each) => [...each.topics])])
    this.#unassigned.lead()
    this.#metadata.watch(topics)
    await this.#metadata.refresh()
    // A request already in flight did not include newly watched topics.
    const isUnknown = (topic: string) => this.#metadata.topic(topic) === undefined
    if ([...topics].some(isUnknown)) await this.#metadata.refresh()
    const partitions = new Map<string, number[]>()
    for (const topic of topics) partitions.set(topic, this.#metadata.partitionsOf(topic))
    this.#assigned = new Map([...partitions].map(([topic, { length }]) => [topic, length]))
    const started = performance.now()
    const assigned = assignors[protocol as AssignorName].assign(subscriptions, partitions)
    this.#log.debug(
      {
        event: 'group.assigned',
        protocol,
        generation,
        members: members.length,
        milliseconds: Math.round(performance.now() - started),
      },
      `Assigned the partitions of ${counted(topics.size, 'topic')} to ${counted(members.length, 'member')}`,
    )
    return members.map(({ memberId }) => ({
      memberId,
      assignment: encodeAssignment(assigned.get(memberId) ?? new Map()),
    }))
  }

  /** Another member leads. @param isOld see Unassigned */
  follow(isOld: boolean): void {
    this.#assigned = null
    this.#metadata.watch(this.#own)
    this.#unassigned.follow(isOld)
  }

  /**
   * Whether the number of partitions differs from the last assignment; false if another member
   * leads.
   */
  hasChanged(): boolean {
    if (this.#assigned === null) return false
    for (const [topic, count] of this.#assigned) {
      if (this.#metadata.partitionsOf(topic).length !== count) return true
    }
    return false
  }

  /** A member with an unreadable subscription gets no partitions; the others do. */
  #read(
    { memberId, groupInstanceId, metadata }: JoinGroupResponse['members'][number],
    protocol: string,
  ): MemberSubscription[] {
    try {
      return [{ ...decodeSubscription(memberId, metadata, protocol), groupInstanceId }]
    } catch (error) {
      this.#log.error({ event: 'subscription.unreadable', code: codeOf(error) }, messageOf(error))
      return []
    }
  }
}
