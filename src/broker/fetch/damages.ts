import type { Clock } from '../../kernel/clock.ts'
import { messageOf, type OccError } from '../../kernel/errors.ts'
import { sleep } from '../../kernel/lifecycle.ts'
import type { Log } from '../../kernel/log.ts'
import { createDamaged } from '../batch/fetched-batch.ts'
import type { Links } from '../cluster/links.ts'
import { code, type FetchedPartition, fetchApi } from '../protocol/index.ts'
import type { BatchDamage, MemberListener, MemberOptions } from '../types.ts'
import type { FetchState } from './fetch-state.ts'
import { type BatchReader, type Damaged, readable, takeBatches } from './take-batches.ts'

/** Pauses before each further try, in milliseconds. */
const PAUSES = [100, 500, 2_000]
/** A batch that stays damaged is looked at again this often: its broker may have been mended. */
const LOOK_AGAIN = 60_000

export interface DamagesParts {
  readonly options: MemberOptions
  readonly links: Links
  readonly listener: MemberListener
  readonly reader: BatchReader
  readonly requestTimeout: number
  readonly clock: Clock
  readonly log: Log
  /** It is fetched as usual again. */
  goOn(state: FetchState): void
  take(state: FetchState, answer: FetchedPartition): boolean
  /** `state.problem` is new. */
  told(state: FetchState): void
}

/**
 * Batches that cannot be read: fetched again a few times, each on a connection of its own, in case
 * the way was at fault. Then the partition waits, or the batch is kept whole as a dead letter; by
 * `corruptBatches`. Never skipped in silence, never in a loop, no other partition touched.
 */
export class Damages {
  readonly #parts: DamagesParts

  constructor(parts: DamagesParts) {
    this.#parts = parts
  }

  /** The batch at the position of the partition cannot be read. */
  found(state: FetchState, damaged: Damaged): void {
    if (state.isBusy) return
    state.isBusy = true
    state.ticket = null
    this.#parts.listener.fetchFailed(state, damaged.error.code)
    void this.#tryAgain(state, damaged, PAUSES)
  }

  /** A held one: there is a new leader, or a person wants it. */
  tryAgain(state: FetchState): void {
    if (!state.isHeld) return
    state.isHeld = false
    void this.#tryAgain(state, null, [0])
  }

  async #tryAgain(
    state: FetchState,
    damaged: Damaged | null,
    pauses: readonly number[],
  ): Promise<void> {
    let newest = damaged
    for (const pause of pauses) {
      await sleep(pause)
      if (state.isOver) return
      const result = await this.#fetch(state)
      if (state.isOver) return
      if (result === 'taken') return
      if (result === 'readable') {
        state.isBusy = false
        this.#parts.goOn(state)
        return
      }
      if (result !== null) newest = result
    }
    if (newest === null) this.#hold(state, null)
    else await this.#over(state, newest)
  }

  /** null: no answer that says anything. `taken`: another batch is damaged, and being looked after. */
  async #fetch(state: FetchState): Promise<'readable' | 'taken' | Damaged | null> {
    const { links, options, reader, requestTimeout, log, take } = this.#parts
    const { topic, partition, position, leaderEpoch } = state
    if (state.node < 0) return null
    let link: ReturnType<Links['fresh']> | null = null
    try {
      link = links.fresh(state.node)
      const answer = await link.send(
        fetchApi,
        {
          maxWait: 100,
          minBytes: 1,
          maxBytes: options.fetch.maxBytes,
          readUncommitted: options.readUncommitted,
          sessionId: 0,
          sessionEpoch: -1,
          topics: [
            {
              topic,
              partitions: [
                {
                  partition,
                  leaderEpoch,
                  offset: position,
                  maxBytes: options.fetch.maxBytesPerPartition,
                },
              ],
            },
          ],
          forgotten: [],
          rackId: '',
        },
        requestTimeout,
      )
      const found = answer.topics[0]?.partitions[0]
      if (state.isOver || state.position !== position || found === undefined) return null
      // A leader that moves and the like: the usual way deals with it.
      if (found.error !== code.NONE) return 'readable'
      const taken = takeBatches(state, found, reader)
      const [first] = taken.batches
      if (first === undefined) return taken.damaged ?? 'readable'
      const problem = readable(first)
      if (problem !== null) return problem
      // Of a log that nobody has looked at yet, it may not be what follows.
      if (state.isUnproven || state.isAnew) return 'readable'
      state.isBusy = false
      // What lies behind it is damaged as well, perhaps: that is another matter.
      take(state, found)
      return state.isBusy ? 'taken' : 'readable'
    } catch (error) {
      log.debug({ event: 'batch.refetch', topic, partition, error: messageOf(error) }, 'No answer')
      return null
    } finally {
      link?.close()
    }
  }

  async #over(state: FetchState, { error, damage }: Damaged): Promise<void> {
    const { options, listener, log, goOn } = this.#parts
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
      this.#hold(state, { error, codec: facts.codec, ...offsetsOf(facts) })
      return
    }
    const place = { topic, partition, from: position, endOffset: damage.lastOffset + 1 }
    const batch = createDamaged(place, damage)
    state.position = batch.nextOffset
    // Its header may be what is damaged: of which epoch it is nobody knows.
    state.forgetEpochs()
    state.isBusy = false
    listener.batch(batch)
    goOn(state)
  }

  #hold(state: FetchState, damage: Omit<BatchDamage, 'raw'> | null): void {
    const { clock, told } = this.#parts
    state.isHeld = true
    const before = state.problem?.damage ?? null
    const known = damage ?? before
    const error: OccError | null = known?.error ?? null
    state.problem = {
      reason: 'corrupt',
      message: error?.message ?? 'The batch at its position cannot be read.',
      since: state.problem?.since ?? clock.now(),
      damage: known,
    }
    told(state)
    setTimeout(() => this.tryAgain(state), LOOK_AGAIN).unref()
  }
}

function offsetsOf({ firstOffset, lastOffset }: { firstOffset: number; lastOffset: number }) {
  return { firstOffset, lastOffset }
}
