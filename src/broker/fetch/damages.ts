import { messageOf } from '../../kernel/errors.ts'
import { sleep } from '../../kernel/lifecycle.ts'
import { createDamaged } from '../batch/fetched-batch.ts'
import type { Links } from '../cluster/links.ts'
import { code, type FetchedPartition } from '../protocol/index.ts'
import type { BatchDamage } from '../types.ts'
import { fetchOne } from './fetch-one.ts'
import type { FetchState, Work } from './fetch-state.ts'
import type { FetchingParts } from './fetching-parts.ts'
import { type Damaged, readable, takeBatches } from './take-batches.ts'

/** Pauses before each retry, in milliseconds. */
const PAUSES = [100, 500, 2_000]
/** A held batch is retried this often, in milliseconds: its broker may have been repaired. */
const LOOK_AGAIN = 60_000

export interface DamagesParts extends Omit<FetchingParts, 'turn'> {
  /** The partition is fetched normally again. */
  recovered(state: FetchState): void
  take(state: FetchState, answer: FetchedPartition): void
  /** `state.problem` has changed. */
  report(state: FetchState): void
}

/**
 * Retries batches that cannot be read, each time on a new connection in case the network was at
 * fault. After the leader it asks in-sync followers, whose disks may be good. If all fail,
 * `corruptBatches` decides: the partition waits, or the whole batch becomes a dead letter. A batch
 * is never skipped silently, and no other partition is affected.
 */
export class Damages {
  readonly #parts: DamagesParts

  constructor(parts: DamagesParts) {
    this.#parts = parts
  }

  /**
   * The batch at the position cannot be read. Work on another batch is void: the position has gone
   * back since.
   */
  found(state: FetchState, damaged: Damaged): void {
    // The position is being looked up. If the batch is fetched again, it is found again.
    if (state.work?.kind === 'position') return
    this.#parts.listener.fetchFailed(state, damaged.error.code)
    void this.#tryAgain(state, damaged, PAUSES)
  }

  /** Retries a held batch: there is a new leader, an operator resumed it, or it is due. */
  retryHeld(state: FetchState): void {
    if (state.isHeld) void this.#tryAgain(state, null, [0, ...this.#followers(state).map(() => 0)])
  }

  /** In-sync replicas other than the one that it was fetched from. */
  #followers(state: FetchState): number[] {
    const { inSync = [] } = this.#parts.metadata.partition(state) ?? {}
    return inSync.filter((node) => node !== state.leader && node !== state.replica)
  }

  async #tryAgain(
    state: FetchState,
    damaged: Damaged | null,
    pauses: readonly number[],
  ): Promise<void> {
    const work = state.begin('batch')
    let newest = damaged
    for (const [attempt, pause] of pauses.entries()) {
      await sleep(pause)
      if (!state.isAt(work)) return
      if (state.isUnproven) {
        // The position is checked first. A batch that is still damaged is found again afterwards.
        state.work = null
        return
      }
      const follower = this.#followers(state)[attempt - 1] ?? null
      const result = await this.#fetch(state, work, follower)
      // Also true if the batches were taken and another one is being retried now.
      if (!state.isAt(work)) return
      if (result === 'readable') {
        state.work = null
        this.#parts.recovered(state)
        return
      }
      if (result !== null) newest = result
    }
    if (newest === null) this.#hold(state, work, null)
    else this.#giveUp(state, work, newest)
  }

  /** null: no useful answer. */
  async #fetch(
    state: FetchState,
    work: Work,
    follower: number | null,
  ): Promise<'readable' | Damaged | null> {
    const { links, options, reader, requestTimeout, log, take } = this.#parts
    const { topic, partition, position, leader, leaderEpoch } = state
    if (leader < 0) return null
    let link: ReturnType<Links['fresh']> | null = null
    try {
      link = links.fresh(follower ?? leader)
      const { maxBytes, maxBytesPerPartition } = options.fetch
      const { readUncommitted } = options
      const limits = { maxWait: 100, maxBytes, maxBytesPerPartition, readUncommitted }
      const place = { topic, partition, position, leaderEpoch }
      const found = await fetchOne(link, { ...place, ...limits }, requestTimeout)
      if (!state.isAt(work) || state.position !== position || found === undefined) return null
      // Normal fetching handles a leader's errors, such as a move. A follower is only a fallback.
      if (found.error !== code.NONE) return follower === null ? 'readable' : null
      const taken = takeBatches(state, found, reader)
      const [first] = taken.batches
      if (first === undefined) return taken.damaged ?? (follower === null ? 'readable' : null)
      const problem = readable(first)
      if (problem !== null) return problem
      // If the log is unchecked, this may not be the record that comes next.
      if (state.isUnproven) return 'readable'
      if (follower !== null) this.#logSaved(state, follower)
      state.work = null
      take(state, found)
      // A later batch may be damaged as well: that starts new work.
      if (!state.isBusy) state.work = work
      return 'readable'
    } catch (error) {
      log.debug(
        { event: 'batch.refetch-failed', topic, partition, error: messageOf(error) },
        'No answer',
      )
      return null
    } finally {
      link?.close()
    }
  }

  #logSaved({ topic, partition, position, leader }: FetchState, follower: number): void {
    const { log, options } = this.#parts
    log.error(
      {
        event: 'batch.saved',
        member: options.name,
        topic,
        partition,
        firstOffset: position,
        leader,
        follower,
      },
      `The batch at offset ${position} of ${topic} partition ${partition} is damaged on its leader, broker ${leader}, but intact ` +
        `on broker ${follower}, so it is read from there. Check the disk of broker ${leader} before its copy is the only one.`,
    )
  }

  #giveUp(state: FetchState, work: Work, { error, damage }: Damaged): void {
    const { options, listener, log, recovered } = this.#parts
    const { topic, partition, position } = state
    const { codec, firstOffset, lastOffset } = damage ?? {
      codec: 'unknown',
      firstOffset: position,
      lastOffset: position,
    }
    const keeps = options.corruptBatches === 'keep' && damage !== null
    log.error(
      {
        event: 'batch.corrupt',
        member: options.name,
        topic,
        partition,
        firstOffset,
        lastOffset,
        codec,
        code: error.code,
      },
      `${error.message} ${keeps ? 'The whole batch becomes a dead letter.' : 'The partition waits; others continue.'}`,
    )
    if (!keeps) {
      this.#hold(state, work, { error, codec, firstOffset, lastOffset })
      return
    }
    const place = { topic, partition, from: position, endOffset: damage.lastOffset + 1 }
    const batch = createDamaged(place, damage)
    state.position = batch.nextOffset
    // The header may be damaged, so its epoch cannot be trusted.
    state.forgetEpochs()
    state.work = null
    listener.batch(batch)
    if (!state.isOver) recovered(state)
  }

  #hold(state: FetchState, work: Work, damage: Omit<BatchDamage, 'raw'> | null): void {
    const { clock, report } = this.#parts
    work.heldUntil = clock.monotonic() + LOOK_AGAIN
    const known = damage ?? state.problem?.damage ?? null
    state.problem = {
      reason: 'corrupt',
      message: known?.error.message ?? 'The batch at its position cannot be read.',
      since: state.problem?.since ?? clock.now(),
      damage: known,
    }
    report(state)
  }
}
