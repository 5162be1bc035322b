import type { Clock } from '../../kernel/clock.ts'
import { messageOf, OccError, toOccError } from '../../kernel/errors.ts'
import type { Links } from '../cluster/links.ts'
import {
  code,
  errorName,
  type FetchedPartition,
  type FetchResponse,
  fetchApi,
} from '../protocol/index.ts'
import type { MemberListener, MemberOptions } from '../types.ts'
import { FetchSession } from './fetch-session.ts'
import type { FetchState, Ticket } from './fetch-state.ts'

/** A broker holds a fetch back at least this long, in milliseconds, while something is paused. */
const SHORTEST_WAIT = 10
const FIRST_BACKOFF = 100
const MAX_BACKOFF = 5_000
/** Milliseconds after which an answer is overdue: the broker may be frozen, its partitions moved. */
const OVERDUE = 1_000

export interface BrokerFetcherParts {
  readonly node: number
  readonly options: MemberOptions
  readonly links: Links
  readonly listener: MemberListener
  readonly clock: Clock
  readonly requestTimeout: number
  /** The answer for one partition, asked for at its present position. */
  answered(state: FetchState, answer: FetchedPartition): void
  /** The broker did not answer, or not sensibly: all of these wait. */
  failed(states: readonly FetchState[], error: OccError): void
  /** An answer is later than it should be. */
  overdue(): void
  turn(): void
}

interface Choice {
  readonly states: readonly FetchState[]
  readonly bytes: readonly number[]
  /** Monotonic milliseconds at which another one may be fetched; null: none waits for a time. */
  readonly next: number | null
  /** One or more are not fetched because nobody has room for them. */
  readonly isHeldBack: boolean
}

/**
 * Fetches from one broker what this member reads of it: one request under way at a time, for the
 * partitions that have room. The next goes out when the answer has been handed on, which takes no
 * record apart.
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
  /** The last request was refused for its session. */
  #wasUnknown = false
  /** Monotonic milliseconds of when a partition was last left out for want of room. */
  #heldBackAt = Number.NEGATIVE_INFINITY

  constructor(parts: BrokerFetcherParts) {
    this.#parts = parts
  }

  add(state: FetchState): void {
    this.#states.add(state)
    this.wake()
  }

  /** The answer that is under way for it, if any, is void. */
  delete(state: FetchState): void {
    if (this.#states.delete(state)) state.ticket = null
  }

  /** There may be something to fetch that there was not. */
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

  /** A partition was paused just now: fetches are short for a while, or it would wait out the next. */
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
    // Not for as long as a request may take: the partitions may have been moved meanwhile.
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
      // Once is normal: brokers give up sessions as they please. Then all is asked for anew.
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
      const told = tellApart(answer)
      for (const [index, state] of states.entries()) {
        if (state.ticket !== ticket || state.position !== asked[index]) continue
        state.ticket = null
        const partition = told.get(state.topic)?.get(state.partition)
        if (partition !== undefined) this.#parts.answered(state, partition)
        // Left out: nothing is new. Only of what was never told the end is still to be found out.
        else if (state.answeredAt > Number.NEGATIVE_INFINITY) state.answeredAt = answeredAt
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
   * How long the broker may wait for data. A fetch under way knows nothing of a partition that gets
   * room meanwhile: while one was held back just now, and so is likely to be back soon, fetches are
   * short, or a busy partition would wait for its idle neighbours.
   */
  #maxWait(now: number, next: number | null, isHeldBack: boolean): number {
    const { maxWait } = this.#parts.options.fetch
    const untilNext = next === null ? maxWait : Math.ceil(next - now)
    if (isHeldBack && this.#heldBackAt === Number.NEGATIVE_INFINITY) this.heldBack()
    if (!isHeldBack) this.#heldBackAt = Number.NEGATIVE_INFINITY
    const age = isHeldBack ? now - this.#heldBackAt : 2 * maxWait
    return Math.min(maxWait, Math.max(SHORTEST_WAIT, Math.min(untilNext, Math.round(age / 2))))
  }

  /** Those that gave something go last the next time, or they would fill the answer again. */
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

/** What an answer says, by topic and partition. */
function tellApart({ topics }: FetchResponse): Map<string, Map<number, FetchedPartition>> {
  const told = new Map<string, Map<number, FetchedPartition>>()
  for (const { topic, partitions } of topics) {
    const found = told.get(topic) ?? new Map<number, FetchedPartition>()
    for (const partition of partitions) found.set(partition.partition, partition)
    told.set(topic, found)
  }
  return told
}

function unexpected(error: number, node: number): OccError {
  return new OccError('OCC_FETCH', `Broker ${node} refused a fetch: ${errorName(error)}.`, {
    retriable: true,
  })
}
