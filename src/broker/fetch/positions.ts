import { OccError, toOccError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import type { Links } from '../cluster/links.ts'
import type { Metadata } from '../cluster/metadata.ts'
import { refusal } from '../group/refusals.ts'
import { markOf } from '../offsets/commit-metadata.ts'
import { listOffsets, type OffsetAnswer } from '../offsets/list-offsets.ts'
import { code, metadataApi, offsetForLeaderEpochApi } from '../protocol/index.ts'
import type { MemberListener, MemberOptions, PartitionProblem } from '../types.ts'
import type { FetchState, Work } from './fetch-state.ts'

/** Whoever was asked does not lead, or not in the epoch that we know. */
const STALE: ReadonlySet<number> = new Set([
  code.NOT_LEADER_OR_FOLLOWER,
  code.LEADER_NOT_AVAILABLE,
  code.FENCED_LEADER_EPOCH,
  code.UNKNOWN_LEADER_EPOCH,
  code.UNKNOWN_TOPIC_OR_PARTITION,
])

export interface PositionsParts {
  readonly options: MemberOptions
  readonly links: Links
  readonly metadata: Metadata
  readonly listener: MemberListener
  readonly requestTimeout: number
  readonly log: Log
  recovered(state: FetchState): void
  wait(state: FetchState, reason: PartitionProblem['reason'], error: OccError): void
}

/**
 * Where a partition goes on when its position is not, or may not be, in its log any more:
 * retention was faster, the log was cut off by an election, or the topic was made anew. Each is
 * said, with the offsets; nothing is skipped that was not deleted.
 */
export class Positions {
  readonly #parts: PositionsParts

  constructor(parts: PositionsParts) {
    this.#parts = parts
  }

  /** The broker says that the position is out of range. */
  recover(state: FetchState): void {
    if (state.isBusy) return
    void this.#busy(state, async (work) => {
      const first = await this.#offsetOf(state, 'first')
      const end = await this.#offsetOf(state, 'end')
      if (!state.isAt(work)) return
      const { position } = state
      if (position < first) {
        this.#goTo(state, first, 'lost')
        return
      }
      if (position <= end) return
      await this.#checkSameTopic(state)
      if (state.isAt(work)) await this.#beyond(state, work, first, end)
    })
  }

  /** Before anything is fetched where that may not be what was read so far. */
  prove(state: FetchState): void {
    if (state.isRecreated) this.#beginAnew(state)
    else if (!state.isBusy) this.#validate(state)
  }

  /**
   * The topic has another id than when it was read: all of it is unread, whatever went before.
   * `isRecreated` stays until that has worked out: the new topic may have no leader yet, and whoever
   * then fetched at the old position would pass over what is below it.
   */
  #beginAnew(state: FetchState): void {
    void this.#busy(state, async (work) => {
      const first = await this.#offsetOf(state, 'first')
      if (!state.isAt(work)) return
      state.isRecreated = false
      state.isUnproven = false
      this.#goTo(state, first, 'made-anew')
    })
  }

  /** There is a new leader: whether it has all that was read already (KIP-320). */
  #validate(state: FetchState): void {
    void this.#busy(state, async (work) => {
      const end = state.lastEpoch < 0 ? null : await this.#endOfLastEpoch(state)
      if (!state.isAt(work)) return
      state.isUnproven = false
      if (end !== null && end < state.position) this.#goTo(state, end, 'cut')
    })
  }

  /** In the leader's log; null: it cannot tell. */
  async #endOfLastEpoch(state: FetchState): Promise<number | null> {
    const { links, requestTimeout, metadata } = this.#parts
    const { topic, partition, leader, leaderEpoch, lastEpoch } = state
    const asked = { partition, currentLeaderEpoch: leaderEpoch, leaderEpoch: lastEpoch }
    const answer = await links
      .get(leader, 'control')
      .send(offsetForLeaderEpochApi, { topics: [{ topic, partitions: [asked] }] }, requestTimeout)
    const found = answer.topics[0]?.partitions[0]
    const error = found?.error ?? code.UNKNOWN_SERVER_ERROR
    if (STALE.has(error) || state.leaderEpoch !== leaderEpoch) {
      metadata.refreshSoon()
      throw refusal(error, `Asking the leader of ${topic}/${partition} for what it has`)
    }
    // Whatever else it is (no right to ask): a fetch will meet it, too.
    if (found === undefined || error !== code.NONE || found.endOffset < 0) return null
    return found.endOffset
  }

  async #busy(state: FetchState, find: (work: Work) => Promise<void>): Promise<void> {
    const { recovered, wait } = this.#parts
    const work = state.begin('position')
    try {
      await find(work)
      if (!state.isAt(work)) return
      state.work = null
      recovered(state)
    } catch (error) {
      if (!state.isAt(work)) return
      state.work = null
      wait(state, 'offset', toOccError(error, 'OCC_OFFSET_UNKNOWN', { retriable: true }))
    }
  }

  async #offsetOf(state: FetchState, which: 'first' | 'end'): Promise<number> {
    const { links, metadata, requestTimeout } = this.#parts
    const answers = await listOffsets({ links, metadata }, [state], which, true, requestTimeout)
    const answer: OffsetAnswer | undefined = answers.get(state.name)
    if (answer?.kind === 'offset') return answer.offset
    metadata.refreshSoon()
    if (answer?.kind === 'error') throw answer.error
    const { topic, partition } = state
    throw refusal(
      answer?.code ?? code.UNKNOWN_SERVER_ERROR,
      `Asking where ${topic}/${partition} begins and ends`,
    )
  }

  /**
   * A topic that was made anew has less than the old one had, too, and the metadata may not know of
   * it yet. The broker that refused the position does.
   */
  async #checkSameTopic(state: FetchState): Promise<void> {
    const { links, metadata, requestTimeout } = this.#parts
    const request = { topics: [state.topic] }
    const link = links.get(state.leader, 'control')
    const { topics } = await link.send(metadataApi, request, requestTimeout)
    const topicId = topics.find(({ topic }) => topic === state.topic)?.topicId ?? null
    if (topicId === null || state.topicId === null || topicId === state.topicId) return
    metadata.refreshSoon()
    throw new OccError('OCC_TOPIC_MADE_ANEW', `The topic ${state.topic} was made anew.`, {
      retriable: true,
    })
  }

  /**
   * The log ends below the position. Where it was cut off, what follows may have been written since
   * and reach beyond the place of the cut: the epoch of what was read last tells that place. Without
   * an epoch the end is all that is known of the same topic; and where nobody can tell whether it is
   * the same, all of the log counts as unread: again is better than never.
   */
  async #beyond(state: FetchState, work: Work, first: number, end: number): Promise<void> {
    const cut = state.lastEpoch < 0 ? null : await this.#endOfLastEpoch(state)
    if (!state.isAt(work)) return
    if (cut !== null) this.#goTo(state, Math.max(first, Math.min(cut, end)), 'cut')
    else if (state.isOfTopic) this.#goTo(state, end, 'cut')
    else this.#goTo(state, first, 'unknown')
  }

  #goTo(state: FetchState, to: number, why: 'lost' | 'cut' | 'made-anew' | 'unknown'): void {
    const { listener, log, options, metadata } = this.#parts
    const { topic, partition, position: from } = state
    const count = Math.abs(to - from)
    const fields = { member: options.name, topic, partition, from, to, records: count }
    if (why === 'lost') {
      listener.recordsLost({ topic, partition, from, to })
      log.error(
        { event: 'records.lost', ...fields },
        `Lost ${count} records of ${topic} partition ${partition}: retention deleted offsets ` +
          `${from} to ${to - 1} before they were read. Going on at ${to}.`,
      )
    } else if (why === 'cut') {
      listener.recordsCut({ topic, partition, from: to, to: from })
      log.error(
        { event: 'records.cut', ...fields },
        `The log of ${topic} partition ${partition} was cut off at ${to} (an election without all ` +
          `replicas, or a broker that lost its disk): ${count} records below the position ${from} are ` +
          'no longer there. Going on at the new end.',
      )
    } else {
      log.error(
        { event: 'offsets.reset', ...fields },
        why === 'unknown'
          ? `${topic} partition ${partition} ends below offset ${from}, which is what comes next, and nothing ` +
              `tells since when. Going on at its first record, ${to}.`
          : `${topic} partition ${partition} was made anew since offset ${from} was read. ` +
              `Going on at its first record, ${to}.`,
      )
    }
    // Below the place of a cut all is as it was read.
    if (why !== 'cut') state.forgetEpochs()
    state.seek(to)
    if (why === 'lost' || why === 'cut') {
      listener.moved(state, to)
      return
    }
    state.isOfTopic = state.topicId !== null
    // What is committed from here on is of the topic as it is now, and has to say so.
    listener.moved(state, to, markOf(metadata, state, to))
  }
}
