import type { Clock } from '../../kernel/clock.ts'
import { OccError } from '../../kernel/errors.ts'
import { sleep } from '../../kernel/lifecycle.ts'
import type { Log } from '../../kernel/log.ts'
import { partitionName, type TopicPartition } from '../../kernel/record.ts'
import {
  byTopic,
  code,
  errorName,
  type JoinGroupResponse,
  joinGroupApi,
  syncGroupApi,
} from '../protocol/index.ts'
import type { MemberOptions, RebalanceReport } from '../types.ts'
import { assignors, decodeAssignment, encodeSubscription } from './assignors/index.ts'
import type { Coordinator } from './coordinator.ts'
import { Heartbeats } from './heartbeats.ts'
import type { Leader } from './leader.ts'
import { leaveGroup } from './leaving.ts'
import { type GroupFacts, joinRefusal, refusal } from './refusals.ts'

/** Beyond the time that a join may take because others are slow. Milliseconds. */
const JOIN_GRACE = 10_000
const FIRST_BACKOFF = 100
const MAX_BACKOFF = 5_000
/** For so long a coordinator may be on the move without anybody being told. Milliseconds. */
const PASSING = 3_000
const NO_GENERATION = -1

/** What follows from the membership, for whoever fetches and commits. */
export interface MembershipEvents {
  /** Resolves when there is something to join for: the topics, or some of them, exist. */
  topicsKnown(signal: AbortSignal): Promise<void>
  joining(): void
  joined(): void
  /** These came; where they begin is not known yet. */
  assigned(partitions: readonly TopicPartition[]): void
  /** These are given up: resolves when what is in flight of them is finished and committed. */
  revoking(partitions: readonly TopicPartition[]): Promise<void>
  /** These are gone, and cannot be committed any more. */
  lost(partitions: readonly TopicPartition[], reason: string): void
  rebalanced(report: RebalanceReport): void
  /** A try that did not work out. @throws what no further try mends. */
  failed(error: OccError): void
  /** The loop turns. */
  turn(): void
  /** What the brokers tell of the group, for the text of a refusal. */
  groupFacts(): Promise<GroupFacts>
}

interface Owned extends TopicPartition {
  readonly assignment: number
}

/**
 * This member's place in the group, by Kafka's classic protocol. One loop changes it: a round of
 * JoinGroup and SyncGroup, then waiting until another round is due. Whatever comes from outside
 * (a heartbeat's answer, a commit that was refused, new partitions) only says that one is due.
 *
 * Cooperative (KIP-429): a round keeps what is owned. What the assignment takes away is drained,
 * committed and given up after the round, and the next round, at once, gives it to others.
 * Eager, where any of the offered strategies is: everything is given up before the round.
 */
export class Membership {
  readonly #options: MemberOptions
  readonly #coordinator: Coordinator
  readonly #leader: Leader
  readonly #events: MembershipEvents
  readonly #clock: Clock
  readonly #log: Log
  readonly #heartbeats: Heartbeats
  readonly #stopping = new AbortController()
  readonly #owned = new Map<string, Owned>()
  #assignments = 0
  #memberId = ''
  #generation = NO_GENERATION
  /** In which `#owned` was assigned. */
  #ownedGeneration = NO_GENERATION
  #isStable = false
  #isRetiring = false
  #settled = Promise.withResolvers<void>()
  /** Why another round is due; null: it is not. */
  #due: string | null = null
  #fatal: OccError | null = null
  #wake: (() => void) | null = null
  /** The first JoinGroup, whose answer tells the member id by which to leave. */
  #introducing: Promise<unknown> = Promise.resolve()
  #failingSince: number | null = null
  #rebalanceSince: number | null = null
  #stoppedSince: number | null = null

  constructor(
    options: MemberOptions,
    coordinator: Coordinator,
    leader: Leader,
    events: MembershipEvents,
    clock: Clock,
    log: Log,
  ) {
    this.#options = options
    this.#coordinator = coordinator
    this.#leader = leader
    this.#events = events
    this.#clock = clock
    this.#log = log
    this.#heartbeats = new Heartbeats(options, coordinator, clock, {
      identity: () => ({ memberId: this.#memberId, generation: this.#generation }),
      turn: () => events.turn(),
      refused: (error, generation) => this.refused(error, generation),
      expired: () => {
        if (this.#owned.size > 0 || this.#isStable) {
          this.#forget('no broker has answered for the whole session timeout', false)
        }
      },
    })
  }

  get memberId(): string {
    return this.#memberId
  }

  /** null: not a member now. */
  get generation(): number | null {
    return this.#isStable || this.#owned.size > 0 ? this.#generation : null
  }

  get isStable(): boolean {
    return this.#isStable
  }

  get size(): number {
    return this.#owned.size
  }

  owns(partition: TopicPartition): boolean {
    return this.#owned.has(partitionName(partition))
  }

  /** Tells one assignment of the partition to this member from a later one; null: not owned. */
  assignmentOf(partition: TopicPartition): number | null {
    return this.#owned.get(partitionName(partition))?.assignment ?? null
  }

  /** Resolves when the round that is under way is over; at once where there is none. */
  settled(): Promise<void> {
    return this.#isStable ? Promise.resolve() : this.#settled.promise
  }

  /** Another round is due: partitions were added, or a strategy changed. */
  rejoin(reason: string): void {
    this.#due ??= reason
    this.#wake?.()
  }

  /**
   * It will be stopped soon: what it has it keeps until then, to finish it, and it asks for nothing
   * more. What moves in a round meanwhile would else stand still with it, and move again when it goes.
   */
  retire(): void {
    // A static member comes back, and is to find what it had.
    this.#isRetiring = this.#options.groupInstanceId === null
  }

  /** Takes part until it is stopped. Rejects with what `failed` threw. */
  async run(): Promise<void> {
    const { signal } = this.#stopping
    let backoff = FIRST_BACKOFF
    this.#heartbeats.start()
    try {
      while (!signal.aborted) {
        try {
          await this.#round(signal)
          backoff = FIRST_BACKOFF
          this.#failingSince = null
          await this.#untilDue(signal)
        } catch (error) {
          if (signal.aborted) break
          if (!this.#isPassing(error)) this.#events.failed(error as OccError)
          await sleep(backoff, signal)
          backoff = Math.min(backoff * 2, MAX_BACKOFF)
        }
      }
    } finally {
      // Whoever stops it may still finish what is in hand, and the session has to last until then.
      if (!signal.aborted) this.#heartbeats.stop()
    }
  }

  /**
   * Finishes and commits what is in flight, and leaves; a static member only goes silent.
   * @param deadline milliseconds for leaving.
   */
  async stop(deadline: number): Promise<void> {
    this.#stopping.abort()
    this.#wake?.()
    const owned = [...this.#owned.values()]
    if (owned.length > 0) await this.#revoke(owned)
    this.#heartbeats.stop()
    const until = this.#clock.monotonic() + deadline
    // A broker waits for one that it has given an id to, so it has to be told.
    if (this.#memberId === '') await Promise.race([this.#introducing, sleep(deadline)])
    const memberId = this.#memberId
    this.#memberId = ''
    this.#isStable = false
    this.#settled.resolve()
    const { groupInstanceId, sessionTimeout, name } = this.#options
    if (memberId === '' || groupInstanceId !== null) return
    const parts = { coordinator: this.#coordinator, now: () => this.#clock.monotonic() }
    const problem = await leaveGroup(parts, this.#options, memberId, until)
    if (problem === null) return
    this.#log.warn(
      { event: 'member.not-left', member: name },
      `The group was not told that this member goes, and waits for it for ${Math.round(sessionTimeout / 1000)} s: ${problem}`,
    )
  }

  async #round(signal: AbortSignal): Promise<void> {
    this.#events.turn()
    await this.#events.topicsKnown(signal)
    if (signal.aborted) return
    this.#rebalanceSince ??= this.#clock.monotonic()
    this.#events.joining()
    if (this.#isEager && this.#owned.size > 0) {
      this.#stoppedSince ??= this.#clock.monotonic()
      await this.#revoke([...this.#owned.values()])
    }
    this.#unsettle()
    // Whatever was the reason for a round until now, this is it.
    this.#due = null
    // A static member that comes back is given what it had, and nobody assigns anything anew.
    const isBack = this.#options.groupInstanceId !== null && this.#memberId === ''
    const joined = await this.#join(signal)
    if (joined === null) return
    const assignment = await this.#sync(joined, isBack)
    // The group went on meanwhile, or the member is to go: the next round follows at once.
    if (assignment === null || signal.aborted) return
    await this.#take(assignment, joined)
  }

  /** KIP-429: cooperative only where all that is offered is, as in Java's client. */
  get #isEager(): boolean {
    return this.#options.assignors.some((name) => assignors[name].protocol === 'eager')
  }

  /** null: the member stops. */
  async #join(signal: AbortSignal): Promise<JoinGroupResponse | null> {
    const { groupId, groupInstanceId, sessionTimeout, rebalanceTimeout } = this.#options
    const introduced = ({ memberId }: JoinGroupResponse) => {
      this.#memberId = memberId
    }
    while (!signal.aborted) {
      const answer = this.#coordinator.send(
        joinGroupApi,
        {
          groupId,
          groupInstanceId,
          sessionTimeout,
          rebalanceTimeout,
          memberId: this.#memberId,
          protocols: this.#protocols(),
        },
        'join',
        rebalanceTimeout + JOIN_GRACE,
      )
      if (this.#memberId === '') this.#introducing = answer.then(introduced, () => {})
      const response = await answer
      this.#events.turn()
      const { error } = response
      if (signal.aborted) return null
      if (error === code.NONE) {
        this.#memberId = response.memberId
        this.#generation = response.generation
        return response
      }
      if (error === code.MEMBER_ID_REQUIRED) {
        this.#memberId = response.memberId
        continue
      }
      if (error === code.UNKNOWN_MEMBER_ID) {
        // Its session is over. What it owned may be another member's by now.
        this.#forget('the broker does not know this member any more', true)
        // That is what this round is for.
        this.#due = null
        continue
      }
      await this.#throwRefusal(error)
    }
    return null
  }

  /** A coordinator that moves, or loads the group, is nothing to be told for the first seconds. */
  #isPassing(error: unknown): boolean {
    const now = this.#clock.monotonic()
    this.#failingSince ??= now
    const isCoordinator = error instanceof OccError && error.code === 'OCC_COORDINATOR_UNAVAILABLE'
    return isCoordinator && now - this.#failingSince < PASSING
  }

  async #throwRefusal(error: number): Promise<never> {
    this.#coordinator.throwIfAway(error)
    const isStrategy = error === code.INCONSISTENT_GROUP_PROTOCOL
    const unknown = { protocol: null, protocolType: null }
    const facts = isStrategy ? await this.#events.groupFacts().catch(() => unknown) : unknown
    const problem = joinRefusal(error, this.#options, facts)
    if (error === code.FENCED_INSTANCE_ID) this.#fatal = problem
    throw problem
  }

  #protocols() {
    const ofTopics = byTopic(this.#owned.values(), ({ partition }) => partition)
    const owned = new Map(ofTopics.map(({ topic, partitions }) => [topic, partitions]))
    const { rackId } = this.#options
    const topics = this.#isRetiring ? [] : this.#options.topics
    const subscription = { topics, owned, generation: this.#ownedGeneration, rackId }
    return this.#options.assignors.map((name) => ({
      name,
      metadata: encodeSubscription(subscription, name),
    }))
  }

  /** The partitions that are this member's; null: another round is needed first. */
  async #sync(joined: JoinGroupResponse, isBack: boolean): Promise<TopicPartition[] | null> {
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
      this.#forget('the group went on without this member', error === code.UNKNOWN_MEMBER_ID)
      return null
    }
    if (this.#coordinator.hasMoved(error)) return this.#again('the coordinator has moved')
    this.#coordinator.throwIfAway(error)
    if (error === code.FENCED_INSTANCE_ID) await this.#throwRefusal(error)
    throw refusal(error, `Joining the group "${groupId}"`)
  }

  #again(reason: string): null {
    this.#due ??= reason
    return null
  }

  async #take(assigned: readonly TopicPartition[], joined: JoinGroupResponse): Promise<void> {
    const names = new Set(assigned.map(partitionName))
    const added = assigned.filter((partition) => !this.owns(partition))
    // Nobody gets what it claims: it keeps that for as long as it is a member.
    const gone = this.#isRetiring ? [] : [...this.#owned.values()]
    const removed = gone.filter((each) => !names.has(partitionName(each)))
    const assignment = ++this.#assignments
    for (const { topic, partition } of added) {
      this.#owned.set(partitionName({ topic, partition }), { topic, partition, assignment })
    }
    this.#ownedGeneration = joined.generation
    this.#isStable = true
    this.#settled.resolve()
    this.#events.joined()
    this.#report(joined, added.length, removed.length)
    if (!this.#isEager) this.#heartbeats.hurry()
    if (added.length > 0) this.#events.assigned(added)
    if (removed.length === 0) return
    await this.#revoke(removed)
    this.rejoin('partitions were given up')
  }

  #report({ protocol, generation }: JoinGroupResponse, added: number, removed: number): void {
    const now = this.#clock.monotonic()
    const duration = now - (this.#rebalanceSince ?? now)
    const unmovedPause = this.#stoppedSince === null ? 0 : now - this.#stoppedSince
    this.#rebalanceSince = null
    this.#stoppedSince = null
    this.#events.rebalanced({ protocol, generation, added, removed, duration, unmovedPause })
  }

  async #revoke(partitions: readonly TopicPartition[]): Promise<void> {
    await this.#events.revoking(partitions)
    for (const partition of partitions) this.#owned.delete(partitionName(partition))
  }

  /** The membership is over without a round: whatever was owned may be another member's. */
  #forget(reason: string, isUnknown: boolean): void {
    const owned = [...this.#owned.values()]
    this.#owned.clear()
    // Joining under the old id replaces a dead self; a broker that does not know it gives another.
    if (isUnknown) this.#memberId = ''
    this.#generation = NO_GENERATION
    this.#ownedGeneration = NO_GENERATION
    this.#unsettle()
    if (owned.length > 0) this.#events.lost(owned, reason)
    this.rejoin(reason)
  }

  /** A broker refused what was sent in this generation, by a heartbeat or a commit. */
  refused(error: number, generation: number): void {
    // The answer to what was sent before the round that is under way, or is over by now.
    if (!this.#isStable || generation !== this.#generation) return
    if (error === code.REBALANCE_IN_PROGRESS) {
      this.#rebalanceSince ??= this.#clock.monotonic()
      this.rejoin('the group is rebalancing')
    } else if (error === code.UNKNOWN_MEMBER_ID || error === code.ILLEGAL_GENERATION) {
      this.#forget(
        `the broker refused generation ${generation} (${errorName(error)})`,
        error === code.UNKNOWN_MEMBER_ID,
      )
    } else if (error === code.FENCED_INSTANCE_ID) {
      this.#fatal = joinRefusal(error, this.#options, { protocol: null, protocolType: null })
      this.#forget('another member has taken its name', true)
    }
  }

  #unsettle(): void {
    if (!this.#isStable) return
    this.#isStable = false
    this.#settled = Promise.withResolvers()
  }

  async #untilDue(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && this.#fatal === null && this.#due === null) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    this.#wake = null
    if (this.#fatal !== null) throw this.#fatal
    if (this.#due !== null) {
      const { name } = this.#options
      this.#log.debug({ event: 'member.rejoining', member: name }, this.#due)
    }
  }
}
