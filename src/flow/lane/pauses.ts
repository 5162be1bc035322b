import type { RetryOutcome } from '../../kernel/outcome.ts'
import { Repeats } from '../../kernel/repeats.ts'
import { nameOf } from '../circuit/circuit-breaker.ts'
import type { SharedParts } from '../shared-parts.ts'
import { backoffAfter, boundedPause } from './backoff.ts'
import type { PendingRecord } from './pending-record.ts'

/** Lines a minute about shortened pauses, because every record may ask for one. */
const MAX_CUT_LINES = 1

/**
 * How long records of one partition wait for their next attempt, in milliseconds. `retry` is read
 * at each failed attempt, because it may change.
 */
export class Pauses {
  readonly #shared: SharedParts
  readonly #cuts = new Repeats(MAX_CUT_LINES)

  constructor(shared: SharedParts) {
    this.#shared = shared
  }

  /** What the other side asked for, within the limits; null: nothing. */
  asked({ after }: RetryOutcome): number | null {
    return boundedPause(after, this.#shared.options.retry.maxAfter)
  }

  /** The pause before the next attempt. Logs that it is shorter than what was asked for. */
  next(entry: PendingRecord, failure: RetryOutcome): number {
    const { options, parts } = this.#shared
    const { after, fault } = failure
    const asked = this.asked(failure)
    if (after !== null && asked !== null && asked < after) this.#logCut(entry, failure, asked)
    const own = backoffAfter(
      entry.attempts + entry.limited,
      options.retry,
      (parts.random ?? Math.random)(),
    )
    // A handler that asks for fewer requests but no pause would otherwise be called without end.
    return fault === 'limit' ? Math.max(own, asked ?? 0) : (asked ?? own)
  }

  #logCut({ record }: PendingRecord, { handler, after }: RetryOutcome, maxAfter: number): void {
    const { circuits, parts } = this.#shared
    if (this.#cuts.next('', parts.clock.monotonic()) === null) return
    const { topic, partition, offset } = record
    parts.log.warn(
      { event: 'retry.cut', topic, partition, offset, handler, after, maxAfter },
      `${nameOf(circuits.of(handler))} asked for another attempt in ${Math.round((after ?? 0) / 1000)} s. ` +
        `It is made in ${Math.round(maxAfter / 1000)} s (retry.maxAfter). Logged once a minute per partition.`,
    )
  }
}
