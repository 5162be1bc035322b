import type { RetryOutcome } from '../../kernel/shapes/outcome.ts'
import { Repeats } from '../../kernel/time/repeats.ts'
import { nameOf } from '../circuit/circuit-breaker.ts'
import type { SharedParts } from '../shared-parts.ts'
import { backoffAfter, boundedPause } from './backoff.ts'
import type { PendingRecord } from './pending-record.ts'

/** Lines a minute of each kind, because every record may ask for one. */
const MAX_LINES = 1
/** Milliseconds after which it is said that a record waits: one that is only too early has no end. */
const LONG = 60_000

/**
 * How long records of one partition wait for their next attempt, in milliseconds. `retry` is read
 * at each failed attempt, because it may change.
 */
export class Pauses {
  readonly #shared: SharedParts
  readonly #repeats = new Repeats(MAX_LINES)

  constructor(shared: SharedParts) {
    this.#shared = shared
  }

  /** What the other side asked for, within the limits; null: nothing. */
  asked({ after }: RetryOutcome): number | null {
    return boundedPause(after, this.#shared.options.retry.maxAfter)
  }

  /**
   * The pause before the next attempt. Logs that it is shorter than what was asked for, and that the
   * record has waited for long.
   */
  next(entry: PendingRecord, failure: RetryOutcome): number {
    const { options, parts } = this.#shared
    const { after, fault } = failure
    if (fault === 'limit') this.#logWaiting(entry, failure)
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
    if (this.#repeats.next('cut', parts.clock.monotonic()) === null) return
    const { topic, partition, offset } = record
    parts.log.warn(
      { event: 'retry.cut', topic, partition, offset, handler, after, maxAfter },
      `${nameOf(circuits.of(handler))} asked for another attempt in ${Math.round((after ?? 0) / 1000)} s. ` +
        `It is made in ${Math.round(maxAfter / 1000)} s (retry.maxAfter). Logged once a minute per partition.`,
    )
  }

  #logWaiting({ record, failedFirstAt }: PendingRecord, { handler, error }: RetryOutcome): void {
    const { circuits, parts } = this.#shared
    const now = parts.clock.monotonic()
    const waits = now - (failedFirstAt ?? now)
    if (waits < LONG || this.#repeats.next('waits', now) === null) return
    const { topic, partition, offset } = record
    parts.log.warn(
      { event: 'record.waits', topic, partition, offset, handler, code: error.code },
      `${nameOf(circuits.of(handler))} has not taken a record for ${Math.round(waits / 1000)} s, and its attempts are not counted: ` +
        `${error.message} Logged once a minute per partition.`,
    )
  }
}
