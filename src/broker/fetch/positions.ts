import { OccError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import type { Links } from '../cluster/links.ts'
import type { Metadata } from '../cluster/metadata.ts'
import { refusal } from '../group/refusals.ts'
import { listOffsets, type OffsetAnswer } from '../offsets/list-offsets.ts'
import { code, offsetForLeaderEpochApi } from '../protocol/index.ts'
import type { MemberListener, MemberOptions, PartitionProblem } from '../types.ts'
import type { FetchState } from './fetch-state.ts'

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
  goOn(state: FetchState): void
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
    void this.#busy(state, async () => {
      const first = await this.#offsetOf(state, 'first')
      const end = await this.#offsetOf(state, 'end')
      const { position } = state
      // Of a topic that was made anew this is the first sign, perhaps: then nothing of it was read.
      if (position > end) await this.#parts.metadata.refresh()
      if (state.isAnew) return
      if (position < first) this.#goTo(state, first, 'lost')
      else if (position > end) await this.#beyond(state, first, end)
    })
  }

  /**
   * The topic has another id than when it was read: all of it is unread. `isAnew` stays until that
   * has worked out: a try may come while another thing is being found out, or the new topic has no
   * leader yet, and whoever then fetched at the old position would pass over what is below it.
   */
  madeAnew(state: FetchState): void {
    void this.#busy(state, async () => {
      const { topicId } = state
      const first = await this.#offsetOf(state, 'first')
      // It was made anew once more meanwhile.
      if (state.topicId !== topicId) return
      state.isAnew = false
      state.isUnproven = false
      this.#goTo(state, first, 'made-anew')
    })
  }

  /** There is a new leader: whether it has all that was read already (KIP-320). */
  validate(state: FetchState): void {
    void this.#busy(state, async () => {
      const end = state.lastEpoch < 0 ? null : await this.#endOfLastEpoch(state)
      if (state.isAnew) return
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

  async #busy(state: FetchState, work: () => Promise<void>): Promise<void> {
    if (state.isBusy) return
    const { goOn, wait } = this.#parts
    state.isBusy = true
    // An answer that is under way is for what may not be true any more.
    state.ticket = null
    try {
      await work()
      state.isBusy = false
      if (state.isOver) return
      if (state.isAnew) this.madeAnew(state)
      else goOn(state)
    } catch (error) {
      state.isBusy = false
      if (state.isOver) return
      const problem =
        error instanceof OccError
          ? error
          : new OccError('OCC_OFFSET_UNKNOWN', String(error), { cause: error, retriable: true })
      wait(state, 'offset', problem)
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
   * The log ends below the position. Where it was cut off, what follows may have been written since
   * and reach beyond the place of the cut: the epoch of what was read last tells that place. Where
   * nobody can tell, all of the log counts as unread: again is better than never.
   */
  async #beyond(state: FetchState, first: number, end: number): Promise<void> {
    const cut = state.lastEpoch < 0 ? null : await this.#endOfLastEpoch(state)
    if (state.isAnew) return
    if (cut === null) this.#goTo(state, first, 'unknown')
    else this.#goTo(state, Math.max(first, Math.min(cut, end)), 'cut')
  }

  #goTo(state: FetchState, to: number, why: 'lost' | 'cut' | 'made-anew' | 'unknown'): void {
    if (state.isOver) return
    const { listener, log, options } = this.#parts
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
    listener.moved(state, to)
  }
}
