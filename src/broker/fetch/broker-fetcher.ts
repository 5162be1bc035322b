import { messageOf, OccError, toOccError } from '../../kernel/errors.ts'
import { keptIn } from '../../kernel/kept-in.ts'
import {
  code,
  errorName,
  type FetchedPartition,
  type FetchResponse,
  fetchApi,
} from '../protocol/index.ts'
import { FetchSession } from './fetch-session.ts'
import type { FetchState, Ticket } from './fetch-state.ts'
import type { FetchingParts } from './fetching-parts.ts'

/** Min milliseconds that a broker may wait for data while a partition is paused. */
const SHORTEST_WAIT = 10
const FIRST_BACKOFF = 100
const MAX_BACKOFF = 5_000
/**
 * Milliseconds after which an answer is overdue: the broker may hang, and its partitions may have
 * moved.
 */
const OVERDUE = 1_000

export interface BrokerFetcherParts
  extends Pick<
    FetchingParts,
    'options' | 'links' | 'listener' | 'clock' | 'requestTimeout' | 'turn'
  > {
  readonly node: number
  /** The answer for one partition, requested at its present position. */
  answered(state: FetchState, answer: FetchedPartition): void
  /** The broker did not answer, or refused the whole fetch: all of these wait. */
  failed(states: readonly FetchState[], error: OccError): void
  /** An answer takes longer than it should. */
  overdue(): void
}

interface Choice {
  readonly states: readonly FetchState[]
  readonly bytes: readonly number[]
  /** Monotonic milliseconds at which the next one may be fetched; null: none waits for a time. */
  readonly next: number | null
  /** At least one is not fetched because it is paused or its listener has no room. */
  readonly isHeldBack: boolean
}

/**
 * Fetches this member's partitions from one broker, with one request in flight at a time, for the
 * partitions that have room. The next request goes out once the answer is handed on; no record is
 * decoded in between.
 */
export class BrokerFetcher {
  readonly #parts: BrokerFetcherParts
  readonly #states = new Set<FetchState>()
  readonly #session = new FetchSession()
  #isUnderWay = false
  #isStopped = false
  #timer: NodeJS.Timeout | undefined
  #notBefore = 0
  #failures = 0
  /** The broker did not know the session of the last request. */
  #wasUnknown = false
  /** When a partition was last left out for lack of room, in monotonic milliseconds. */
  #heldBackAt = Number.NEGATIVE_INFINITY

  constructor(parts: BrokerFetcherParts) {
    this.#parts = parts
  }

  add(state: FetchState): void {
    this.#states.add(state)
    this.wake()
  }

  /** An answer in flight for it is void. */
  delete(state: FetchState): void {
    if (this.#states.delete(state)) state.ticket = null
  }

  /** There may be something to fetch now. */
  wake(): void {
    if (this.#isUnderWay || this.#isStopped) return
    clearTimeout(this.#timer)
    this.#timer = undefined
    const now = this.#parts.clock.monotonic()
    if (now < this.#notBefore) {
      this.#wakeAt(this.#notBefore, now)
      return
    }
    const choice = this.#choose(now)
    if (choice.states.length > 0) void this.#fetch(choice, now)
    else if (choice.next !== null) this.#wakeAt(choice.next, now)
  }

  /**
   * A partition was paused just now. Fetches are short for a while, so that it does not wait out a
   * long one when it resumes.
   */
  heldBack(): void {
    this.#heldBackAt = this.#parts.clock.monotonic()
  }

  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
    for (const state of this.#states) state.ticket = null
    this.#states.clear()
  }

  #wakeAt(at: number, now: number): void {
    this.#timer = setTimeout(() => this.wake(), Math.max(1, Math.ceil(at - now)))
  }

  #choose(now: number): Choice {
    const { options, listener } = this.#parts
    const states: FetchState[] = []
    const bytes: number[] = []
    let next: number | null = null
    let isHeldBack = false
    for (const state of this.#states) {
      if (state.isBusy || state.isUnproven) continue
      if (state.notBefore > now) {
        next = Math.min(next ?? state.notBefore, state.notBefore)
        continue
      }
      const room = state.isPaused ? 0 : listener.room(state)
      if (room <= 0) {
        isHeldBack = true
        continue
      }
      states.push(state)
      bytes.push(Math.min(room, options.fetch.maxBytesPerPartition))
    }
    return { states, bytes, next, isHeldBack }
  }

  async #fetch({ states, bytes, next, isHeldBack }: Choice, now: number): Promise<void> {
    const { node, options, links, listener, clock, requestTimeout, turn } = this.#parts
    const ticket: Ticket = {}
    for (const state of states) state.ticket = ticket
    this.#isUnderWay = true
    const maxWait = this.#maxWait(now, next, isHeldBack)
    // Reported before the request times out: the partitions may have moved.
    const overdue = setInterval(() => this.#parts.overdue(), maxWait + OVERDUE)
    const asked = states.map((state) => state.position)
    try {
      const { minBytes, maxBytes } = options.fetch
      const { readUncommitted, rackId } = options
      const request = {
        ...this.#session.next(states, bytes),
        ...{ maxWait, minBytes, maxBytes, readUncommitted, rackId },
      }
      const answer = await links
        .get(node, 'fetch')
        .send(fetchApi, request, maxWait + requestTimeout)
      turn()
      const isKnown = this.#session.answered(answer)
      // Once is normal, since brokers drop sessions as they like. The next request names all
      // partitions.
      if (!isKnown && !this.#wasUnknown) {
        this.#wasUnknown = true
        return
      }
      if (answer.error !== code.NONE) throw unexpected(answer.error, node)
      this.#wasUnknown = false
      this.#failures = 0
      const answeredAt = clock.monotonic()
      listener.fetched((answeredAt - now) / 1000)
      if (answer.throttle > 0) this.#throttled(answer.throttle)
      const answered = byPartition(answer)
      for (const [index, state] of states.entries()) {
        if (state.ticket !== ticket || state.position !== asked[index]) continue
        state.ticket = null
        const partition = answered.get(state.topic)?.get(state.partition)
        if (partition !== undefined) this.#parts.answered(state, partition)
        // Not in the answer: nothing is new. A partition that has never been answered still needs
        // its end offset.
        else if (state.answeredAt > Number.NEGATIVE_INFINITY) {
          state.answeredAt = answeredAt
          state.isUnchanged = true
        }
      }
      this.#rotate(states)
    } catch (error) {
      this.#session.lost()
      this.#failed(states, ticket, error)
    } finally {
      clearInterval(overdue)
      this.#isUnderWay = false
      this.wake()
    }
  }

  /**
   * How long the broker may wait for data. A fetch in flight does not include a partition that gets
   * room meanwhile. So while one was held back recently, and is likely to resume soon, fetches are
   * short: a busy partition must not wait for idle ones.
   */
  #maxWait(now: number, next: number | null, isHeldBack: boolean): number {
    const { maxWait } = this.#parts.options.fetch
    const untilNext = next === null ? maxWait : Math.ceil(next - now)
    if (isHeldBack && this.#heldBackAt === Number.NEGATIVE_INFINITY) this.heldBack()
    if (!isHeldBack) this.#heldBackAt = Number.NEGATIVE_INFINITY
    const age = isHeldBack ? now - this.#heldBackAt : 2 * maxWait
    return Math.min(maxWait, Math.max(SHORTEST_WAIT, Math.min(untilNext, Math.round(age / 2))))
  }

  /** Partitions that returned data go last next time, or they would fill the answer again. */
  #rotate(states: readonly FetchState[]): void {
    const [first] = states
    if (first === undefined || !this.#states.delete(first)) return
    this.#states.add(first)
  }

  #throttled(milliseconds: number): void {
    this.#notBefore = this.#parts.clock.monotonic() + milliseconds
    this.#parts.listener.throttled(milliseconds)
  }

  #failed(states: readonly FetchState[], ticket: Ticket, error: unknown): void {
    if (this.#isStopped) return
    const { clock, node, links } = this.#parts
    links.dropOne(node, 'fetch')
    const backoff = Math.min(FIRST_BACKOFF * 2 ** this.#failures, MAX_BACKOFF)
    this.#failures = Math.min(this.#failures + 1, 10)
    this.#notBefore = clock.monotonic() + backoff
    const waiting = states.filter((state) => state.ticket === ticket)
    for (const state of waiting) state.ticket = null
    const message = `Fetching from broker ${node}: ${messageOf(error)}`
    this.#parts.failed(waiting, toOccError(error, 'OCC_FETCH', { message, retriable: true }))
  }
}

/** The partitions of an answer, by topic and partition. */
function byPartition({ topics }: FetchResponse): Map<string, Map<number, FetchedPartition>> {
  const answered = new Map<string, Map<number, FetchedPartition>>()
  for (const { topic, partitions } of topics) {
    const found = keptIn(answered, topic, () => new Map<number, FetchedPartition>())
    for (const partition of partitions) found.set(partition.partition, partition)
  }
  return answered
}

function unexpected(error: number, node: number): OccError {
  return new OccError('OCC_FETCH', `Broker ${node} refused a fetch: ${errorName(error)}.`, {
    retriable: true,
  })
}
