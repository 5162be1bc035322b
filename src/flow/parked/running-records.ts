import type { Log } from '../../kernel/log.ts'
import type { ClaimedRecord } from '../../sink/postgres/parked/types.ts'
import { notAnswering } from '../not-answering.ts'

/** Milliseconds until a call counts as hanging, if its processor does not say. */
const STUCK_AFTER = 300_000

/** A parked record that this process handles. */
export interface Running {
  readonly controller: AbortController
  /** Milliseconds; may grow, while the call waits for its turn. */
  stuckAfter(): number | undefined
  /** Names of those that have it, and have not answered. */
  handlers(): readonly string[]
}

interface Entry extends Running {
  /** Monotonic milliseconds. */
  readonly since: number
  isStuck: boolean
}

/** The parked records that this process handles, and how many more it may. */
export class RunningRecords {
  readonly #concurrency: number
  readonly #log: Log
  readonly #entries = new Map<ClaimedRecord, Entry>()
  /** How often a place was given back, and a record has ended that others of its key may wait behind. */
  readonly #times = { freed: 0, unheld: 0 }
  /** Those who wait now: promises that outlive their wait would be remembered for ever. */
  readonly #waiting = new Map<() => void, keyof RunningRecords['times']>()

  constructor(concurrency: number, log: Log) {
    this.#concurrency = concurrency
    this.#log = log
  }

  get size(): number {
    return this.#entries.size
  }

  /** Calls that hang have given their places back, but no more of them than there are places. */
  get free(): number {
    const stuck = [...this.#entries.values()].filter(({ isStuck }) => isStuck).length
    return this.#concurrency + Math.min(stuck, this.#concurrency) - this.size
  }

  get times(): { readonly freed: number; readonly unheld: number } {
    return { ...this.#times }
  }

  /**
   * Resolves once it happens more often than `times` were, after these milliseconds, or when the signal
   * aborts.
   */
  async next(
    what: keyof RunningRecords['times'],
    times: RunningRecords['times'],
    milliseconds: number,
    signal?: AbortSignal,
  ): Promise<void> {
    if (this.#times[what] > times[what] || signal?.aborted) return
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, Math.max(0, milliseconds))
    const aborted = () => resolve()
    signal?.addEventListener('abort', aborted)
    this.#waiting.set(resolve, what)
    await promise
    signal?.removeEventListener('abort', aborted)
    this.#waiting.delete(resolve)
    clearTimeout(timer)
  }

  get claimed(): ClaimedRecord[] {
    return [...this.#entries.keys()]
  }

  begin(claimed: ClaimedRecord): Running {
    // Its lease was over, and this process has it once more: what the earlier call does is void.
    for (const [{ id }, earlier] of this.#entries) {
      if (id === claimed.id) earlier.controller.abort()
    }
    const controller = new AbortController()
    const entry: Entry = {
      ...{ controller, since: performance.now(), isStuck: false },
      stuckAfter: () => STUCK_AFTER,
      handlers: () => [],
    }
    this.#entries.set(claimed, entry)
    return entry
  }

  ended(claimed: ClaimedRecord): void {
    // It also ends what a worker thread remembers of the record.
    this.#entries.get(claimed)?.controller.abort()
    this.#entries.delete(claimed)
    this.#happened('freed')
    if (claimed.holds) this.#happened('unheld')
  }

  /** Calls whose record another process has taken are told so. @param own ids of those it has not */
  keepOnly(all: readonly ClaimedRecord[], own: ReadonlySet<string>): void {
    for (const claimed of all) {
      if (!own.has(claimed.id)) this.#entries.get(claimed)?.controller.abort()
    }
  }

  abort(): void {
    for (const { controller } of this.#entries.values()) controller.abort()
  }

  /** Once each. They keep their leases, so that nothing overlaps them, but not their places. */
  reportStuck(): void {
    const now = performance.now()
    for (const [{ record }, entry] of this.#entries) {
      const taken = now - entry.since
      if (entry.isStuck || taken < (entry.stuckAfter() ?? STUCK_AFTER)) continue
      entry.isStuck = true
      this.#happened('freed')
      const { topic, partition, offset } = record
      const handlers = entry.handlers()
      this.#log.error(
        { event: 'record.stuck', topic, partition, offset, handlers },
        `It was parked. ${notAnswering(handlers, taken)} ` +
          'It stays with this process; other parked records continue.',
      )
    }
  }

  #happened(what: keyof RunningRecords['times']): void {
    this.#times[what] += 1
    for (const [resolve, awaited] of this.#waiting) if (awaited === what) resolve()
  }
}
