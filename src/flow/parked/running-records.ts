import type { Log } from '../../kernel/log.ts'
import type { ClaimedRecord } from '../../sink/postgres/parked/types.ts'

/** Milliseconds until a call counts as hanging, if its processor does not say. */
const STUCK_AFTER = 300_000

/** A parked record that this process handles. */
export interface Running {
  readonly controller: AbortController
  /** Milliseconds; may grow, while the call waits for its turn. */
  stuckAfter(): number | undefined
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
  #freed = Promise.withResolvers<void>()
  #unheld = Promise.withResolvers<void>()

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

  /** Resolves when a place is given back. */
  get freed(): Promise<void> {
    return this.#freed.promise
  }

  /** Resolves when a record has ended that others of its key may wait behind. */
  get unheld(): Promise<void> {
    return this.#unheld.promise
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
    }
    this.#entries.set(claimed, entry)
    return entry
  }

  ended(claimed: ClaimedRecord): void {
    // It also ends what a worker thread remembers of the record.
    this.#entries.get(claimed)?.controller.abort()
    this.#entries.delete(claimed)
    this.#free()
    if (!claimed.holds) return
    this.#unheld.resolve()
    this.#unheld = Promise.withResolvers()
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
      this.#free()
      const { topic, partition, offset } = record
      this.#log.error(
        { event: 'record.stuck', topic, partition, offset },
        `It was parked. Its handler has not answered for ${Math.round(taken / 1000)} s and ignores its abort signal. ` +
          'It stays with this process; other parked records continue.',
      )
    }
  }

  #free(): void {
    this.#freed.resolve()
    this.#freed = Promise.withResolvers()
  }
}
