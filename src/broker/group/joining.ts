import type { TopicPartition } from '../../kernel/shapes/record.ts'
import {
  byTopic,
  code,
  type JoinGroupResponse,
  joinGroupApi,
  syncGroupApi,
} from '../protocol/index.ts'
import type { MemberOptions } from '../types.ts'
import { decodeAssignment, encodeSubscription } from './assignors/index.ts'
import type { Coordinator } from './coordinator.ts'
import type { Leader } from './leader.ts'
import { type GroupFacts, joinRefusal, refusal } from './refusals.ts'

/** Added to the time that a join may take because other members are slow. Milliseconds. */
const JOIN_GRACE = 10_000
export const NO_GENERATION = -1

/** What the group knows this member as. */
export class Identity {
  /** Empty: the group has not given it one. */
  memberId = ''
  generation = NO_GENERATION
}

export interface JoiningEvents {
  /** What this member subscribes to and owns; the generation is the one that assigned it. */
  subscription(): {
    readonly topics: readonly string[]
    readonly owned: Iterable<TopicPartition>
    readonly generation: number
  }
  turn(): void
  /** What the brokers report about the group, for the text of a refusal. */
  groupFacts(): Promise<GroupFacts>
  /** JoinGroup found that the group does not know this member. It joins again at once. */
  unknown(reason: string): void
  /** SyncGroup found that the membership is over. @param isUnknown so is the member id */
  expelled(reason: string, isUnknown: boolean): void
  /** Another round is needed. */
  rejoin(reason: string): void
}

/** The two requests of a round, JoinGroup and SyncGroup, and what a broker may refuse them for. */
export class Joining {
  readonly #options: MemberOptions
  readonly #coordinator: Coordinator
  readonly #leader: Leader
  readonly #identity: Identity
  readonly #events: JoiningEvents
  /** Settles when the first JoinGroup, which brings the member id, is answered. */
  introduced: Promise<unknown> = Promise.resolve()

  constructor(
    options: MemberOptions,
    coordinator: Coordinator,
    leader: Leader,
    identity: Identity,
    events: JoiningEvents,
  ) {
    this.#options = options
    this.#coordinator = coordinator
    this.#leader = leader
    this.#identity = identity
    this.#events = events
  }

  /** null: the member stops. @throws OccError why the broker refuses this member */
  async join(signal: AbortSignal): Promise<JoinGroupResponse | null> {
    const { groupId, groupInstanceId, sessionTimeout, rebalanceTimeout } = this.#options
    const identity = this.#identity
    const introduced = ({ memberId }: JoinGroupResponse) => {
      identity.memberId = memberId
    }
    while (!signal.aborted) {
      const answer = this.#coordinator.send(
        joinGroupApi,
        {
          groupId,
          groupInstanceId,
          sessionTimeout,
          rebalanceTimeout,
          memberId: identity.memberId,
          protocols: this.#protocols(),
        },
        'join',
        rebalanceTimeout + JOIN_GRACE,
      )
      if (identity.memberId === '') this.introduced = answer.then(introduced, () => {})
      const response = await answer
      this.#events.turn()
      const { error } = response
      if (signal.aborted) return null
      if (error === code.NONE) {
        identity.memberId = response.memberId
        identity.generation = response.generation
        return response
      }
      if (error === code.MEMBER_ID_REQUIRED) {
        identity.memberId = response.memberId
        continue
      }
      if (error === code.UNKNOWN_MEMBER_ID) {
        // The session is over. Its partitions may belong to another member by now.
        this.#events.unknown('the broker does not know this member any more')
        continue
      }
      await this.#throwRefusal(error)
    }
    return null
  }

  /**
   * The partitions assigned to this member; null: another round is needed first.
   * @param isBack a static member that was restarted
   * @throws OccError why the broker refuses this member
   */
  async sync(joined: JoinGroupResponse, isBack: boolean): Promise<TopicPartition[] | null> {
    const { groupId, groupInstanceId, rebalanceTimeout } = this.#options
    const isLeader = joined.leaderId === joined.memberId
    const assignments = isLeader ? await this.#leader.assign(joined) : []
    if (!isLeader) this.#leader.follow(isBack)
    const { generation, memberId } = joined
    const response = await this.#coordinator.send(
      syncGroupApi,
      { groupId, groupInstanceId, generation, memberId, assignments },
      'join',
      rebalanceTimeout + JOIN_GRACE,
    )
    this.#events.turn()
    const { error } = response
    if (error === code.NONE) {
      const topics = decodeAssignment(response.assignment)
      return [...topics].flatMap(([topic, partitions]) =>
        partitions.map((partition) => ({ topic, partition })),
      )
    }
    if (error === code.REBALANCE_IN_PROGRESS) return this.#again('another member joined meanwhile')
    if (error === code.UNKNOWN_MEMBER_ID || error === code.ILLEGAL_GENERATION) {
      const isUnknown = error === code.UNKNOWN_MEMBER_ID
      this.#events.expelled('the group continued without this member', isUnknown)
      return null
    }
    if (this.#coordinator.hasMoved(error)) return this.#again('the coordinator has moved')
    this.#coordinator.throwIfAway(error)
    if (error === code.FENCED_INSTANCE_ID) await this.#throwRefusal(error)
    throw refusal(error, `Joining the group "${groupId}"`)
  }

  #protocols() {
    const { topics, owned, generation } = this.#events.subscription()
    const ofTopics = byTopic(owned, ({ partition }) => partition)
    const { rackId, assignors } = this.#options
    const subscription = {
      topics,
      owned: new Map(ofTopics.map(({ topic, partitions }) => [topic, partitions])),
      generation,
      rackId,
    }
    return assignors.map((name) => ({ name, metadata: encodeSubscription(subscription, name) }))
  }

  #again(reason: string): null {
    this.#events.rejoin(reason)
    return null
  }

  async #throwRefusal(error: number): Promise<never> {
    this.#coordinator.throwIfAway(error)
    const isStrategy = error === code.INCONSISTENT_GROUP_PROTOCOL
    const unknown = { protocol: null, protocolType: null }
    const facts = isStrategy ? await this.#events.groupFacts().catch(() => unknown) : unknown
    throw joinRefusal(error, this.#options, facts)
  }
}
