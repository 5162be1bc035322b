import type { Clock } from '../../kernel/clock.ts'
import type { OccError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import { partitionName, type TopicPartition } from '../../kernel/record.ts'
import type { Links } from '../cluster/links.ts'
import type { Metadata, PartitionMetadata } from '../cluster/metadata.ts'
import { listOffsets } from '../offsets/list-offsets.ts'
import type { BegunPartition } from '../offsets/start-offsets.ts'
import { code, errorName, type FetchedPartition } from '../protocol/index.ts'
import type { MemberListener, MemberOptions, PartitionProblem, RecordBatch } from '../types.ts'
import { BrokerFetcher } from './broker-fetcher.ts'
import { Damages } from './damages.ts'
import { judge } from './error-codes.ts'
import { FetchState } from './fetch-state.ts'
import { Positions } from './positions.ts'
import { type BatchReader, takeBatches } from './take-batches.ts'
import { PASSING, Waiting } from './waiting.ts'

/** Milliseconds between two looks at what waits. */
const LOOK_INTERVAL = 500

export interface FetchingParts {
  readonly options: MemberOptions
  readonly links: Links
  readonly metadata: Metadata
  readonly listener: MemberListener
  readonly reader: BatchReader
  readonly requestTimeout: number
  readonly clock: Clock
  readonly log: Log
  turn(): void
}

/**
 * Fetches what this member owns: from each partition's own leader, each partition for itself. What
 * is wrong with one (no leader, no right, a damaged batch, a broker that is away) makes that one
 * wait, and is said. An answer counts only for the assignment and the position it was asked for.
 */
export class Fetching {
  readonly #parts: FetchingParts
  readonly #states = new Map<string, FetchState>()
  /** The newest of each partition, those among them that are over: their last commit is to come. */
  readonly #newest = new Map<string, FetchState>()
  readonly #fetchers = new Map<number, BrokerFetcher>()
  readonly #positions: Positions
  readonly #waiting: Waiting
  readonly #damages: Damages
  #look: NodeJS.Timeout | undefined
  #endOffsetsAt = Number.NEGATIVE_INFINITY

  constructor(parts: FetchingParts) {
    this.#parts = parts
    this.#waiting = new Waiting({
      ...parts,
      wake: (state) => this.#fetchers.get(state.node)?.wake(),
    })
    const goOn = (state: FetchState) => this.#waiting.goOn(state)
    const wait = (state: FetchState, reason: PartitionProblem['reason'], error: OccError) =>
      this.#waiting.wait(state, reason, error.message)
    this.#positions = new Positions({ ...parts, goOn, wait })
    this.#damages = new Damages({
      ...parts,
      goOn,
      take: (state, answer) => this.#take(state, answer),
      told: (state) => this.#waiting.tell(state),
    })
  }

  /** How many partitions have begun. */
  get size(): number {
    return this.#states.size
  }

  start(): void {
    this.#look = setInterval(() => this.#lookAround(), LOOK_INTERVAL)
  }

  stop(): void {
    clearInterval(this.#look)
    for (const fetcher of this.#fetchers.values()) fetcher.stop()
    this.#fetchers.clear()
    for (const state of this.#states.values()) state.isOver = true
    this.#states.clear()
  }

  add(partitions: readonly BegunPartition[]): void {
    // Whoever forgot to take one away before: its answers must not count any more.
    this.remove(partitions)
    for (const partition of partitions) {
      const topicId = this.#parts.metadata.topic(partition.topic)?.topicId ?? null
      const state = new FetchState(partition, topicId)
      this.#states.set(state.name, state)
      this.#newest.set(state.name, state)
      this.#follow(state)
    }
  }

  remove(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) {
      const state = this.#states.get(partitionName(partition))
      if (state === undefined) continue
      state.isOver = true
      this.#fetchers.get(state.node)?.delete(state)
      this.#states.delete(state.name)
    }
  }

  /** Leader epoch of the record before the offset, as it was read; -1: not known. */
  epochBefore(partition: TopicPartition, offset: number): number {
    return this.#newest.get(partitionName(partition))?.epochBefore(offset) ?? -1
  }

  pause(partition: TopicPartition): void {
    const state = this.#states.get(partitionName(partition))
    if (state === undefined) return
    state.isPaused = true
    this.#fetchers.get(state.node)?.heldBack()
  }

  resume(partition: TopicPartition): void {
    const state = this.#states.get(partitionName(partition))
    if (state === undefined) return
    const wasPaused = state.isPaused
    state.isPaused = false
    if (state.isHeld && wasPaused) this.#damages.tryAgain(state)
    this.#fetchers.get(state.node)?.wake()
  }

  /** What was handed on cannot be taken apart: it is fetched again, with all that is behind it. */
  unreadable(batch: RecordBatch, error: OccError): void {
    const state = this.#states.get(partitionName(batch))
    // It may be of an assignment that is over, or of a log that is gone.
    if (state === undefined || state.isMadeAnew || state.position < batch.from) return
    state.seek(batch.from)
    this.#damages.found(state, { error, damage: null })
  }

  /** The metadata is new: leaders may have moved, and topics may have been made anew. */
  metadataChanged(): void {
    for (const state of this.#states.values()) this.#follow(state)
  }

  /** Fetches from where the leader is now. */
  #follow(state: FetchState): void {
    const topic = this.#parts.metadata.topic(state.topic)
    if (topic?.topicId && state.topicId !== null && topic.topicId !== state.topicId) {
      state.topicId = topic.topicId
      state.forgetEpochs()
      state.leaderEpoch = -1
      state.isMadeAnew = true
      state.isUnproven = true
      // What was being found out went with the topic before, and so did what could not be read.
      state.work = null
      state.ticket = null
      this.#parts.listener.fetchFailed(state, 'TOPIC_MADE_ANEW')
    }
    this.#followLeader(state, topic?.partitions.get(state.partition))
    if (state.isMadeAnew && !state.isBusy && state.leader >= 0) this.#positions.prove(state)
  }

  #followLeader(state: FetchState, known: PartitionMetadata | undefined): void {
    const { leader = -1 } = known ?? {}
    // While nobody tells an epoch the last one stays, or the next leader would go unproven.
    const leaderEpoch =
      known === undefined || known.leaderEpoch < 0 ? state.leaderEpoch : known.leaderEpoch
    if (leader === state.leader && leaderEpoch === state.leaderEpoch) {
      if (leader < 0) this.#waiting.waitForLeader(state, known === undefined)
      return
    }
    // At first: newer than what was read under the assignment before, as the commit tells.
    const hasNewEpoch = leaderEpoch > (state.leaderEpoch < 0 ? state.lastEpoch : state.leaderEpoch)
    this.#fetchers.get(state.node)?.delete(state)
    state.leader = leader
    state.leaderEpoch = leaderEpoch
    state.replica = null
    state.notBefore = 0
    // Said here, while there may be no leader to ask: it is for whichever comes next.
    if (hasNewEpoch && state.lastEpoch >= 0) state.isUnproven = true
    if (leader < 0) {
      this.#waiting.waitForLeader(state, known === undefined)
      return
    }
    // Before anything is fetched from the new leader; a held one then is looked at again as well.
    if (state.isUnproven) {
      if (state.isHeld) state.work = null
      this.#positions.prove(state)
    } else this.#damages.tryAgain(state)
    this.#enlist(state)
  }

  #enlist(state: FetchState): void {
    const { node } = state
    let fetcher = this.#fetchers.get(node)
    if (fetcher === undefined) {
      fetcher = new BrokerFetcher({
        ...this.#parts,
        node,
        answered: (of, answer) => this.#answered(of, answer),
        failed: (states, error) => this.#failed(states, error),
        overdue: () => this.#parts.metadata.refreshSoon(),
      })
      this.#fetchers.set(node, fetcher)
    }
    fetcher.add(state)
  }

  #answered(state: FetchState, answer: FetchedPartition): void {
    state.answeredAt = this.#parts.clock.monotonic()
    if (answer.error !== code.NONE) {
      this.#refused(state, answer.error)
      return
    }
    this.#waiting.goOn(state)
    if (answer.preferredReadReplica >= 0 && answer.preferredReadReplica !== state.node) {
      this.#moveTo(state, answer.preferredReadReplica)
      return
    }
    this.#take(state, answer)
  }

  /** Hands on what came, and sees to a batch of it that is damaged. */
  #take(state: FetchState, answer: FetchedPartition): void {
    const { listener, reader, log, options } = this.#parts
    const before = state.position
    const { batches, position, epochs, damaged } = takeBatches(state, answer, reader)
    state.readEpochs(epochs)
    for (const batch of batches) {
      // Handed on and passed are one: whatever else becomes of the position, no batch is between.
      state.position = batch.nextOffset
      state.isOfTopic = state.topicId !== null
      listener.batch(batch)
      // Whoever takes one may find out at once that it cannot: then the rest is void.
      if (state.isOver || state.isBusy || state.position !== batch.nextOffset) return
    }
    const { highWatermark, lastStableOffset } = answer
    listener.endOffset(state, highWatermark, lastStableOffset < 0 ? null : lastStableOffset)
    if (position >= highWatermark && position > before) {
      const { topic, partition } = state
      log.debug(
        {
          event: 'partition.end-reached',
          member: options.name,
          topic,
          partition,
          offset: highWatermark,
        },
        'Reached the end of the partition',
      )
    }
    if (damaged !== null && !state.isBusy) this.#damages.found(state, damaged)
  }

  #refused(state: FetchState, error: number): void {
    const { listener, metadata } = this.#parts
    const name = errorName(error)
    listener.fetchFailed(state, name)
    const { action, reason, message } = judge(error, state)
    if (state.replica !== null) {
      // A follower may be behind: what the leader says counts.
      this.#moveTo(state, null)
      return
    }
    if (action === 'position') {
      this.#positions.recover(state)
      return
    }
    if (action === 'metadata') {
      metadata.refreshSoon()
      this.#waiting.wait(state, reason, message, PASSING)
    } else this.#waiting.wait(state, reason, message)
  }

  #failed(states: readonly FetchState[], error: OccError): void {
    this.#parts.metadata.refreshSoon()
    for (const state of states) {
      if (state.replica !== null) this.#moveTo(state, null)
      this.#waiting.wait(state, 'broker-unreachable', error.message, PASSING)
    }
  }

  #moveTo(state: FetchState, replica: number | null): void {
    const { links, clock, options } = this.#parts
    if (replica !== null && !links.brokers.has(replica)) return
    this.#fetchers.get(state.node)?.delete(state)
    state.replica = replica
    state.replicaUntil = clock.monotonic() + options.metadataMaxAge
    if (state.leader >= 0) this.#enlist(state)
  }

  #lookAround(): void {
    const { clock, metadata, options } = this.#parts
    const now = clock.monotonic()
    let isWaiting = false
    for (const state of this.#states.values()) {
      if (state.replica !== null && now > state.replicaUntil) this.#moveTo(state, null)
      const isDue = state.isUnproven && !state.isBusy && now >= state.notBefore
      if (isDue && state.leader >= 0) this.#positions.prove(state)
      if (state.isHeld && now >= (state.work?.heldUntil ?? 0)) this.#damages.tryAgain(state)
      const { problem, isProblemTold } = state
      if (problem === null) continue
      isWaiting ||= problem.reason !== 'corrupt' && problem.reason !== 'not-authorized'
      if (!isProblemTold && now - state.problemAt >= PASSING) this.#waiting.tell(state)
    }
    if (isWaiting) metadata.refreshSoon()
    if (now - this.#endOffsetsAt >= options.lagInterval) {
      this.#endOffsetsAt = now
      void this.#refreshEndOffsets(now)
    }
  }

  /** Answers to fetches tell the ends; of what is not fetched (it is paused, or waits) we ask. */
  async #refreshEndOffsets(now: number): Promise<void> {
    const { listener, options, requestTimeout, links, metadata } = this.#parts
    const silent = [...this.#states.values()].filter(
      ({ answeredAt, leader }) => leader >= 0 && now - answeredAt > options.lagInterval,
    )
    if (silent.length === 0) return
    const cluster = { links, metadata }
    const ends = await listOffsets(cluster, silent, 'end', true, requestTimeout)
    for (const state of silent) {
      const end = ends.get(state.name)
      if (state.isOver || end?.kind !== 'offset') continue
      listener.endOffset(state, end.offset, null)
    }
  }
}
