import type { Clock } from '../../kernel/clock.ts'
import { messageOf, type OccError } from '../../kernel/errors.ts'
import { sleep } from '../../kernel/lifecycle.ts'
import type { Log } from '../../kernel/log.ts'
import { createDamaged } from '../batch/fetched-batch.ts'
import type { Links } from '../cluster/links.ts'
import type { Metadata } from '../cluster/metadata.ts'
import { code, type FetchedPartition } from '../protocol/index.ts'
import type { BatchDamage, MemberListener, MemberOptions } from '../types.ts'
import { fetchOne } from './fetch-one.ts'
import type { FetchState, Work } from './fetch-state.ts'
import { type BatchReader, type Damaged, readable, takeBatches } from './take-batches.ts'

/** Pauses before each further try, in milliseconds. */
const PAUSES = [100, 500, 2_000]
/** A batch that stays damaged is looked at again this often: its broker may have been mended. */
const LOOK_AGAIN = 60_000

export interface DamagesParts {
  readonly options: MemberOptions
  readonly links: Links
  readonly metadata: Metadata
  readonly listener: MemberListener
  readonly reader: BatchReader
  readonly requestTimeout: number
  readonly clock: Clock
  readonly log: Log
  /** It is fetched as usual again. */
  recovered(state: FetchState): void
  take(state: FetchState, answer: FetchedPartition): void
  /** `state.problem` is new. */
  report(state: FetchState): void
}

/**
 * Batches that cannot be read: fetched again a few times, each on a connection of its own, in case
 * the way was at fault; after the leader from followers in sync, whose disks may be good. Then the
 * partition waits, or the batch is kept whole as a dead letter; by
 * `corruptBatches`. Never skipped in silence, never in a loop, no other partition touched.
 */
export class Damages {
  readonly #parts: DamagesParts

  constructor(parts: DamagesParts) {
    this.#parts = parts
  }

  /**
   * The batch at the position of the partition cannot be read. What was being found out of a batch
   * is void: the position has gone back since.
   */
  found(state: FetchState, damaged: Damaged): void {
    // Where to go on is being found out: then it is fetched again, and this is met again.
    if (state.work?.kind === 'position') return
    this.#parts.listener.fetchFailed(state, damaged.error.code)
    void this.#tryAgain(state, damaged, PAUSES)
  }

  /** A held one: there is a new leader, a person wants it, or it was not looked at for long. */
  retryHeld(state: FetchState): void {
    if (state.isHeld) void this.#tryAgain(state, null, [0, ...this.#followers(state).map(() => 0)])
  }

  /** Those with a copy of their own; not the one that it was fetched from. */
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
        // That comes first; then it is fetched as usual, and this is met again if it is still there.
        state.work = null
        return
      }
      const follower = this.#followers(state)[attempt - 1] ?? null
      const result = await this.#fetch(state, work, follower)
      // Also where what came was taken, and another batch of it is being looked after now.
      if (!state.isAt(work)) return
      if (result === 'readable') {
        state.work = null
        this.#parts.recovered(state)
        return
      }
      if (result !== null) newest = result
    }
    if (newest === null) this.#hold(state, work, null)
    else this.#over(state, work, newest)
  }

  /** null: no answer that says anything. */
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
      // A leader that moves and the like: the usual way deals with it. A follower is only asked for help.
      if (found.error !== code.NONE) return follower === null ? 'readable' : null
      const taken = takeBatches(state, found, reader)
      const [first] = taken.batches
      if (first === undefined) return taken.damaged ?? (follower === null ? 'readable' : null)
      const problem = readable(first)
      if (problem !== null) return problem
      // Of a log that nobody has looked at yet, it may not be what follows.
      if (state.isUnproven) return 'readable'
      if (follower !== null) this.#saySaved(state, follower)
      state.work = null
      take(state, found)
      // What lies behind it is damaged as well, perhaps: that is another matter.
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

  #saySaved({ topic, partition, position, leader }: FetchState, follower: number): void {
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
      `The batch at offset ${position} of ${topic} partition ${partition} is damaged at its leader, broker ${leader}, and good ` +
        `at broker ${follower}: it is read from there. Look at the disk of broker ${leader}, before it is the only copy.`,
    )
  }

  #over(state: FetchState, work: Work, { error, damage }: Damaged): void {
    const { options, listener, log, recovered } = this.#parts
    const { topic, partition, position } = state
    const facts = damage ?? { codec: 'unknown', firstOffset: position, lastOffset: position }
    const keeps = options.corruptBatches === 'keep' && damage !== null
    log.error(
      {
        event: 'batch.corrupt',
        member: options.name,
        topic,
        partition,
        firstOffset: facts.firstOffset,
        lastOffset: facts.lastOffset,
        codec: facts.codec,
        code: error.code,
      },
      `${error.message} ${keeps ? 'It is kept whole as a dead letter.' : 'The partition waits; others go on.'}`,
    )
    if (!keeps) {
      this.#hold(state, work, { error, codec: facts.codec, ...offsetsOf(facts) })
      return
    }
    const place = { topic, partition, from: position, endOffset: damage.lastOffset + 1 }
    const batch = createDamaged(place, damage)
    state.position = batch.nextOffset
    // Its header may be what is damaged: of which epoch it is nobody knows.
    state.forgetEpochs()
    state.work = null
    listener.batch(batch)
    if (!state.isOver) recovered(state)
  }

  #hold(state: FetchState, work: Work, damage: Omit<BatchDamage, 'raw'> | null): void {
    const { clock, report } = this.#parts
    work.heldUntil = clock.monotonic() + LOOK_AGAIN
    const before = state.problem?.damage ?? null
    const known = damage ?? before
    const error: OccError | null = known?.error ?? null
    state.problem = {
      reason: 'corrupt',
      message: error?.message ?? 'The batch at its position cannot be read.',
      since: state.problem?.since ?? clock.now(),
      damage: known,
    }
    report(state)
  }
}

function offsetsOf({ firstOffset, lastOffset }: { firstOffset: number; lastOffset: number }) {
  return { firstOffset, lastOffset }
}
