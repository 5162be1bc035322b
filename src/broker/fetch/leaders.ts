import type { OccError } from '../../kernel/errors.ts'
import type { PartitionMetadata } from '../cluster/metadata.ts'
import type { FetchedPartition } from '../protocol/index.ts'
import { BrokerFetcher, type BrokerFetcherParts } from './broker-fetcher.ts'
import type { FetchState } from './fetch-state.ts'
import type { FetchingParts } from './fetching-parts.ts'

export interface LeadersParts
  extends Omit<BrokerFetcherParts, 'node' | 'answered' | 'failed' | 'overdue'>,
    Pick<FetchingParts, 'metadata'> {
  answered(state: FetchState, answer: FetchedPartition): void
  failed(states: readonly FetchState[], error: OccError): void
  waitForLeader(state: FetchState, isUnknown: boolean): void
  /** Checks the position against what the partition is fetched from now. */
  prove(state: FetchState): void
  /** Fetches a held batch again, if the partition has one. */
  retryHeld(state: FetchState): void
}

/**
 * Which broker each partition is fetched from: its leader, as the metadata has it, or the follower
 * that the leader names. There is one `BrokerFetcher` for each such broker.
 */
export class Leaders {
  readonly #parts: LeadersParts
  readonly #fetchers = new Map<number, BrokerFetcher>()

  constructor(parts: LeadersParts) {
    this.#parts = parts
  }

  /** Fetches from the present leader, once the position is known to be in its log. */
  follow(state: FetchState): void {
    const topic = this.#parts.metadata.topic(state.topic)
    state.topicId ??= topic?.topicId ?? null
    if (topic?.topicId && state.topicId !== null && topic.topicId !== state.topicId) {
      state.topicId = topic.topicId
      state.forgetEpochs()
      state.leaderEpoch = -1
      state.isRecreated = true
      state.isUnproven = true
      // Unfinished work and damaged batches belong to the deleted topic.
      state.work = null
      state.ticket = null
      this.#parts.listener.fetchFailed(state, 'TOPIC_MADE_ANEW')
    }
    this.#followLeader(state, topic?.partitions.get(state.partition))
    if (state.isRecreated && !state.isBusy && state.leader >= 0) this.#parts.prove(state)
  }

  /** Fetches from this replica for a while; null: from the leader. Unknown brokers are ignored. */
  moveTo(state: FetchState, replica: number | null): void {
    const { links, clock, options } = this.#parts
    if (replica !== null && !links.brokers.has(replica)) return
    this.drop(state)
    state.replica = replica
    state.replicaUntil = clock.monotonic() + options.metadataMaxAge
    if (state.leader >= 0) this.#enlist(state)
  }

  /** Stops fetching it. An answer in flight for it is void. */
  drop(state: FetchState): void {
    this.#fetchers.get(state.node)?.delete(state)
  }

  /** It may be fetchable now. */
  wake(state: FetchState): void {
    this.#fetchers.get(state.node)?.wake()
  }

  /** It was paused just now. */
  heldBack(state: FetchState): void {
    this.#fetchers.get(state.node)?.heldBack()
  }

  stop(): void {
    for (const fetcher of this.#fetchers.values()) fetcher.stop()
    this.#fetchers.clear()
  }

  #followLeader(state: FetchState, known: PartitionMetadata | undefined): void {
    const { leader = -1 } = known ?? {}
    // Without a new epoch the last one stays, or the next leader would not be checked.
    const leaderEpoch =
      known === undefined || known.leaderEpoch < 0 ? state.leaderEpoch : known.leaderEpoch
    if (leader === state.leader && leaderEpoch === state.leaderEpoch) {
      if (leader < 0) this.#parts.waitForLeader(state, known === undefined)
      return
    }
    // Right after the assignment, the epoch of the committed offset is the one to compare with.
    const hasNewEpoch =
      leaderEpoch > (state.leaderEpoch < 0 ? state.newestEpoch : state.leaderEpoch)
    this.drop(state)
    state.leader = leader
    state.leaderEpoch = leaderEpoch
    state.replica = null
    state.notBefore = 0
    // Set even when there is no leader: it applies to whichever leader comes next.
    if (hasNewEpoch && state.newestEpoch >= 0) state.isUnproven = true
    if (leader < 0) {
      this.#parts.waitForLeader(state, known === undefined)
      return
    }
    // The check comes before any fetch from the new leader, and before a held batch is retried.
    if (state.isUnproven) {
      if (state.isHeld) state.work = null
      this.#parts.prove(state)
    } else this.#parts.retryHeld(state)
    this.#enlist(state)
  }

  #enlist(state: FetchState): void {
    const { node } = state
    let fetcher = this.#fetchers.get(node)
    if (fetcher === undefined) {
      fetcher = new BrokerFetcher({
        ...this.#parts,
        node,
        overdue: () => this.#parts.metadata.refreshSoon(),
      })
      this.#fetchers.set(node, fetcher)
    }
    fetcher.add(state)
  }
}
