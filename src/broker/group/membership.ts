import { OccError } from '../../kernel/errors.ts'
import { sleep, withDeadline } from '../../kernel/lifecycle.ts'
import type { Log } from '../../kernel/log.ts'
import { partitionName, type TopicPartition } from '../../kernel/shapes/record.ts'
import type { Clock } from '../../kernel/time/clock.ts'
import { code, errorName, type JoinGroupResponse } from '../protocol/index.ts'
import type { MemberOptions, RebalanceReport } from '../types.ts'
import { assignors } from './assignors/index.ts'
import type { Coordinator } from './coordinator.ts'
import { Heartbeats } from './heartbeats.ts'
import { Identity, Joining, NO_GENERATION } from './joining.ts'
import type { Leader } from './leader.ts'
import { leaveGroup } from './leaving.ts'
import { Owned } from './owned.ts'
import { type GroupFacts, joinRefusal } from './refusals.ts'

const FIRST_BACKOFF = 100
const MAX_BACKOFF = 5_000
/** A coordinator that moves is not reported before this. Milliseconds. */
const PASSING = 3_000

/** Tells the code that fetches and commits what happens to the membership. */
export interface MembershipEvents {
  /** Resolves when at least one of the topics exists. */
  topicsKnown(signal: AbortSignal): Promise<void>
  joining(): void
  joined(): void
  /** Their start offsets are not known yet. */
  assigned(partitions: readonly TopicPartition[]): void
  /** Resolves when everything in flight of these is finished and committed. */
  revoking(partitions: readonly TopicPartition[]): Promise<void>
  /** Nothing can be committed for these any more. */
  lost(partitions: readonly TopicPartition[], reason: string): void
  rebalanced(report: RebalanceReport): void
  /** An attempt failed. @throws the error if further attempts cannot succeed */
  failed(error: OccError): void
  /** The loop made progress. */
  turn(): void
  /** What the brokers report about the group, for the text of a refusal. */
  groupFacts(): Promise<GroupFacts>
}

/**
 * This member's place in the group, by Kafka's classic protocol. Only one loop changes it: a round
 * of JoinGroup and SyncGroup, then a wait until the next round is due. Outside events (an answer to
 * a heartbeat, a refused commit, new partitions) only mark a round as due.
 *
 * Cooperative (KIP-429): a round keeps what is owned. Partitions that the assignment takes away are
 * drained, committed and given up after the round; the next round follows at once and assigns them.
 * Eager, if any of the offered strategies is: everything is given up before the round.
 */
export class Membership {
  readonly #options: MemberOptions
  readonly #coordinator: Coordinator
  readonly #events: MembershipEvents
  readonly #clock: Clock
  readonly #log: Log
  readonly #heartbeats: Heartbeats
  readonly #joining: Joining
  readonly #identity = new Identity()
  readonly #stopping = new AbortController()
  readonly #owned = new Owned()
  #isStable = false
  #isRetiring = false
  #settled = Promise.withResolvers<void>()
  /** Why another round is due; null: none is. */
  #due: string | null = null
  #fatal: OccError | null = null
  #wake: (() => void) | null = null
  #failingSince: number | null = null
  #rebalanceSince: number | null = null
  #stoppedSince: number | null = null
  /** Since when the broker answers that this user has no right to the group; null: it has. */
  #deniedSince: number | null = null

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
    this.#events = events
    this.#clock = clock
    this.#log = log
    this.#heartbeats = new Heartbeats(options, coordinator, clock, {
      identity: () => this.#identity,
      turn: () => events.turn(),
      refused: (error, generation) => this.refused(error, generation),
      expired: (reason) => {
        if (this.#owned.size > 0 || this.#isStable) this.#end(reason, false)
      },
    })
    this.#joining = new Joining(options, coordinator, leader, this.#identity, {
      subscription: () => ({
        topics: this.#isRetiring ? [] : options.topics,
        owned: this.#owned.all(),
        generation: this.#owned.generation,
      }),
      turn: () => events.turn(),
      groupFacts: () => events.groupFacts(),
      unknown: (reason) => {
        this.#end(reason, true)
        // The round under way is the one that is due.
        this.#due = null
      },
      expelled: (reason, isUnknown) => this.#end(reason, isUnknown),
      rejoin: (reason) => this.rejoin(reason),
    })
  }

  get memberId(): string {
    return this.#identity.memberId
  }

  /** null: not a member at present. */
  get generation(): number | null {
    return this.#isStable || this.#owned.size > 0 ? this.#identity.generation : null
  }

  get isStable(): boolean {
    return this.#isStable
  }

  get size(): number {
    return this.#owned.size
  }

  owns(partition: TopicPartition): boolean {
    return this.#owned.has(partition)
  }

  /** Number of the partition's assignment to this member, different each time; null: not owned. */
  assignmentOf(partition: TopicPartition): number | null {
    return this.#owned.assignmentOf(partition)
  }

  /** Resolves when the round under way is over; at once if there is none. */
  settled(): Promise<void> {
    return this.#isStable ? Promise.resolve() : this.#settled.promise
  }

  /** Marks a round as due. The first reason is kept. */
  rejoin(reason: string): void {
    this.#due ??= reason
    this.#wake?.()
  }

  /**
   * The member will be stopped soon. It keeps what it owns, to finish it, and claims nothing new: a
   * partition assigned to it now would stand still, and move again when it leaves.
   */
  retire(): void {
    // A static member comes back and keeps its partitions.
    this.#isRetiring = this.#options.groupInstanceId === null
  }

  /** Runs until it is stopped. Rejects with the error that `failed` throws. */
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
      // `stop` finishes what is in flight first: heartbeats keep the session until then.
      if (!signal.aborted) this.#heartbeats.stop()
    }
  }

  /**
   * Finishes and commits what is in flight, and leaves. A static member only goes silent.
   * @param deadline milliseconds for leaving
   */
  async stop(deadline: number): Promise<void> {
    this.#stopping.abort()
    this.#wake?.()
    const owned = this.#owned.all()
    if (owned.length > 0) await this.#revoke(owned)
    this.#heartbeats.stop()
    const until = this.#clock.monotonic() + deadline
    // A broker that has given out a member id waits for that member, so it has to be told.
    const identity = this.#identity
    if (identity.memberId === '') {
      const { introduced } = this.#joining
      await withDeadline(introduced, deadline, 'Learning the member id').catch(() => {})
    }
    const { memberId } = identity
    identity.memberId = ''
    this.#isStable = false
    this.#settled.resolve()
    const { groupInstanceId, sessionTimeout, name } = this.#options
    if (memberId === '' || groupInstanceId !== null) return
    const parts = { coordinator: this.#coordinator, now: () => this.#clock.monotonic() }
    const problem = await leaveGroup(parts, this.#options, memberId, until)
    if (problem === null) return
    this.#log.warn(
      { event: 'member.not-left', member: name },
      `Could not tell the group that this member leaves, so it waits ${Math.round(sessionTimeout / 1000)} s for it: ${problem}`,
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
      await this.#revoke(this.#owned.all())
    }
    this.#unsettle()
    // This round serves every reason given so far.
    this.#due = null
    // A static member that comes back gets its old assignment: the leader assigns nothing.
    const isBack = this.#options.groupInstanceId !== null && this.#identity.memberId === ''
    const joined = await this.#joining.join(signal)
    if (joined === null) return
    const assignment = await this.#joining.sync(joined, isBack)
    // Either the group has moved on, and the next round follows at once, or the member stops.
    if (assignment === null || signal.aborted) return
    await this.#take(assignment, joined)
  }

  /** Cooperative only if all offered strategies are (KIP-429), as in Java's client. */
  get #isEager(): boolean {
    return this.#options.assignors.some((name) => assignors[name].protocol === 'eager')
  }

  /** A coordinator that moves or loads the group is not reported for the first seconds. */
  #isPassing(error: unknown): boolean {
    const now = this.#clock.monotonic()
    this.#failingSince ??= now
    const isCoordinator = error instanceof OccError && error.code === 'OCC_COORDINATOR_UNAVAILABLE'
    return isCoordinator && now - this.#failingSince < PASSING
  }

  async #take(assigned: readonly TopicPartition[], joined: JoinGroupResponse): Promise<void> {
    const names = new Set(assigned.map(partitionName))
    // While it retires, nobody else gets the partitions it claims.
    const gone = this.#isRetiring ? [] : this.#owned.all()
    const removed = gone.filter((each) => !names.has(partitionName(each)))
    const added = this.#owned.add(assigned, joined.generation)
    this.#isStable = true
    this.#deniedSince = null
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
    this.#owned.delete(partitions)
  }

  /** The membership ended without a round: what was owned may belong to another member. */
  #end(reason: string, isUnknown: boolean): void {
    const owned = this.#owned.all()
    this.#owned.clear()
    // Joining under the old id replaces the old membership; an unknown id has to be requested
    // again.
    if (isUnknown) this.#identity.memberId = ''
    this.#identity.generation = NO_GENERATION
    this.#unsettle()
    if (owned.length > 0) this.#events.lost(owned, reason)
    this.rejoin(reason)
  }

  /** A broker refused a heartbeat or a commit of this generation. */
  refused(error: number, generation: number): void {
    // It answers a request from an earlier generation.
    if (generation !== this.#identity.generation) return
    if (error === code.GROUP_AUTHORIZATION_FAILED) this.#denied()
    // Or from before the present round.
    if (!this.#isStable) return
    if (error === code.REBALANCE_IN_PROGRESS) {
      this.#rebalanceSince ??= this.#clock.monotonic()
      this.rejoin('the group is rebalancing')
    } else if (error === code.UNKNOWN_MEMBER_ID || error === code.ILLEGAL_GENERATION) {
      this.#end(
        `the broker refused generation ${generation} (${errorName(error)})`,
        error === code.UNKNOWN_MEMBER_ID,
      )
    } else if (error === code.GROUP_AUTHORIZATION_FAILED) {
      // The round says so, until the right is back.
      this.rejoin('the broker refuses the group')
    } else if (error === code.FENCED_INSTANCE_ID) {
      this.#fatal = joinRefusal(error, this.#options, { protocol: null, protocolType: null })
      this.#end('another member has taken its name', true)
    }
  }

  /** Its session runs out, although the broker answers: then others may have what it owned. */
  #denied(): void {
    const now = this.#clock.monotonic()
    this.#deniedSince ??= now
    if (this.#owned.size === 0 || now - this.#deniedSince <= this.#options.sessionTimeout) return
    this.#end('the broker has refused the group for the whole session timeout', false)
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
