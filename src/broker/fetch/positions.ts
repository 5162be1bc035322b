import { OccError, toOccError } from '../../kernel/errors.ts'
import { agreeing, counted } from '../../kernel/text/counted.ts'
import { refusal } from '../group/refusals.ts'
import { markOf } from '../offsets/commit-metadata.ts'
import { listOffsets, type OffsetAnswer } from '../offsets/list-offsets.ts'
import { code, metadataApi, offsetForLeaderEpochApi } from '../protocol/index.ts'
import type { PartitionProblem } from '../types.ts'
import type { FetchState, Work } from './fetch-state.ts'
import type { FetchingParts } from './fetching-parts.ts'

/** The broker is not the leader, or not in the epoch we know. */
const STALE: ReadonlySet<number> = new Set([
  code.NOT_LEADER_OR_FOLLOWER,
  code.LEADER_NOT_AVAILABLE,
  code.FENCED_LEADER_EPOCH,
  code.UNKNOWN_LEADER_EPOCH,
  code.UNKNOWN_TOPIC_OR_PARTITION,
])

export interface PositionsParts
  extends Pick<
    FetchingParts,
    'options' | 'links' | 'metadata' | 'listener' | 'requestTimeout' | 'log'
  > {
  recovered(state: FetchState): void
  wait(state: FetchState, reason: PartitionProblem['reason'], error: OccError): void
}

/**
 * Finds where a partition continues when its position may not be in the log any more: retention
 * deleted it, an election truncated the log, or the topic was recreated. Each case is logged with
 * its offsets. Only records that no longer exist are skipped.
 */
export class Positions {
  readonly #parts: PositionsParts

  constructor(parts: PositionsParts) {
    this.#parts = parts
  }

  /** The broker reports that the position is out of range. */
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

  /** Checks the position against a leader or topic that may not have what was read so far. */
  prove(state: FetchState): void {
    if (state.isRecreated) this.#restart(state)
    else if (!state.isBusy) this.#validate(state)
  }

  /**
   * The topic was recreated, so all of its records are unread. `isRecreated` stays set until the
   * first offset is known: the new topic may have no leader yet, and a fetch at the old position
   * would skip the records below it.
   */
  #restart(state: FetchState): void {
    void this.#busy(state, async (work) => {
      const first = await this.#offsetOf(state, 'first')
      if (!state.isAt(work)) return
      state.isRecreated = false
      state.isUnproven = false
      this.#goTo(state, first, 'recreated')
    })
  }

  /** Checks whether a new leader has all that was read and finished so far (KIP-320). */
  #validate(state: FetchState): void {
    void this.#busy(state, async (work) => {
      const end = state.newestEpoch < 0 ? null : await this.#endOfNewestEpoch(state)
      if (!state.isAt(work)) return
      state.isUnproven = false
      if (end === null) return
      if (end < state.position) this.#goTo(state, end, 'cut')
      else if (end < state.inheritedEnd) this.#forgetInherited(state, end)
    })
  }

  /**
   * The log was truncated beyond the position, so other records have or will have the offsets from
   * there on. What was finished between the position and the cut is handled again as well.
   */
  #forgetInherited(state: FetchState, end: number): void {
    const { listener, log, options } = this.#parts
    const { topic, partition, position, inheritedEnd: from } = state
    const count = from - end
    log.error(
      {
        event: 'records.cut',
        ...{ member: options.name, topic, partition, from, to: end, records: count },
      },
      `The log of ${topic} partition ${partition} was truncated at ${end} (an election without all ` +
        `replicas, or a broker that lost its disk). Records up to offset ${from - 1} had been finished out of ` +
        `order; from the next one to read, ${position}, on all are handled, again or for the first time.`,
    )
    state.forgetInherited()
    listener.recordsCut({ topic, partition, from: end, to: from })
    listener.moved(state, position)
  }

  /** Where the newest epoch ends in the leader's log; null: the leader does not know. */
  async #endOfNewestEpoch(state: FetchState): Promise<number | null> {
    const { links, requestTimeout, metadata } = this.#parts
    const { topic, partition, leader, leaderEpoch, newestEpoch } = state
    const asked = { partition, currentLeaderEpoch: leaderEpoch, leaderEpoch: newestEpoch }
    const answer = await links
      .get(leader, 'control')
      .send(offsetForLeaderEpochApi, { topics: [{ topic, partitions: [asked] }] }, requestTimeout)
    const found = answer.topics[0]?.partitions[0]
    const error = found?.error ?? code.UNKNOWN_SERVER_ERROR
    if (STALE.has(error) || state.leaderEpoch !== leaderEpoch) {
      metadata.refreshSoon()
      throw refusal(error, `Asking the leader of ${topic}/${partition} for its log end`)
    }
    // Other errors, such as a missing authorization, also show up in the fetch.
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
      `Reading the first and last offset of ${topic}/${partition}`,
    )
  }

  /**
   * A recreated topic can also end below the position, before the metadata shows it. The broker
   * that refused the position knows.
   */
  async #checkSameTopic(state: FetchState): Promise<void> {
    const { links, metadata, requestTimeout } = this.#parts
    const request = { topics: [state.topic] }
    const link = links.get(state.leader, 'control')
    const { topics } = await link.send(metadataApi, request, requestTimeout)
    const topicId = topics.find(({ topic }) => topic === state.topic)?.topicId ?? null
    if (topicId === null || state.topicId === null || topicId === state.topicId) return
    metadata.refreshSoon()
    throw new OccError('OCC_TOPIC_MADE_ANEW', `The topic ${state.topic} was recreated.`, {
      retriable: true,
    })
  }

  /**
   * The log ends below the position. If it was truncated, new records may already reach beyond the
   * point of truncation; the epoch of the last record read tells that point. Without an epoch only
   * the end of the log is known. If it may be another topic, all of the log is read again, so that
   * no record is missed.
   */
  async #beyond(state: FetchState, work: Work, first: number, end: number): Promise<void> {
    const cut = state.newestEpoch < 0 ? null : await this.#endOfNewestEpoch(state)
    if (!state.isAt(work)) return
    if (cut !== null) this.#goTo(state, Math.max(first, Math.min(cut, end)), 'cut')
    else if (state.isOfTopic) this.#goTo(state, end, 'cut')
    else this.#goTo(state, first, 'unknown')
  }

  #goTo(state: FetchState, to: number, why: 'lost' | 'cut' | 'recreated' | 'unknown'): void {
    const { listener, log, options, metadata } = this.#parts
    const { topic, partition, position: from } = state
    const count = Math.abs(to - from)
    const fields = { member: options.name, topic, partition, from, to, records: count }
    if (why === 'lost') {
      listener.recordsLost({ topic, partition, from, to })
      log.error(
        { event: 'records.lost', ...fields },
        `Lost ${counted(count, 'record')} of ${topic} partition ${partition}: retention deleted ` +
          `${agreeing(count, `offset ${from} before it was`, `offsets ${from} to ${to - 1} before they were`)} read. Continuing at ${to}.`,
      )
    } else if (why === 'cut') {
      listener.recordsCut({ topic, partition, from: to, to: from })
      log.error(
        { event: 'records.cut', ...fields },
        `The log of ${topic} partition ${partition} was truncated at ${to} (an election without all ` +
          `replicas, or a broker that lost its disk): ${counted(count, 'record')} below the position ${from} ${agreeing(count, 'is', 'are')} ` +
          `no longer there. What is written from ${to} on is new.`,
      )
    } else {
      log.error(
        { event: 'offsets.reset', ...fields },
        why === 'unknown'
          ? `${topic} partition ${partition} ends below offset ${from}, the next one to read, and it is ` +
              `not known since when. Continuing at its first record, ${to}.`
          : `${topic} partition ${partition} was recreated after offset ${from} was read. ` +
              `Continuing at its first record, ${to}.`,
      )
    }
    // Below the point of truncation the log is unchanged.
    if (why !== 'cut') state.forgetEpochs()
    if (why !== 'lost') state.forgetInherited()
    state.seek(to)
    if (why === 'lost' || why === 'cut') {
      listener.moved(state, to)
      return
    }
    state.isOfTopic = state.topicId !== null
    // Commits from here on belong to the new topic and have to say so.
    listener.moved(state, to, markOf(metadata, state, to))
  }
}
