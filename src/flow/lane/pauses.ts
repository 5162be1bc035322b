import type { Log } from '../../kernel/log.ts'
import type { RetryOutcome } from '../../kernel/outcome.ts'
import { Repeats } from '../../kernel/repeats.ts'
import { nameOf } from '../circuit/circuit-breaker.ts'
import type { CircuitBreakers } from '../circuit/circuit-breakers.ts'
import type { FlowOptions } from '../types.ts'
import { backoffAfter, boundedPause } from './backoff.ts'
import type { PendingRecord } from './pending-record.ts'

/** Lines a minute about shortened pauses, because every record may ask for one. */
const MAX_CUT_LINES = 1

export interface PausesParts {
  /** `retry` is read at each failed attempt, because it may change. */
  readonly options: Pick<FlowOptions, 'retry'>
  readonly circuits: CircuitBreakers
  readonly log: Log
  /** A number from 0 to 1. */
  random(): number
  /** Monotonic milliseconds. */
  now(): number
}

/** How long records of one partition wait for their next attempt, in milliseconds. */
export class Pauses {
  readonly #parts: PausesParts
  readonly #cuts = new Repeats(MAX_CUT_LINES)

  constructor(parts: PausesParts) {
    this.#parts = parts
  }

  /** What the other side asked for, within the limits; null: nothing. */
  asked({ after }: RetryOutcome): number | null {
    return boundedPause(after, this.#parts.options.retry.maxAfter)
  }

  /** The pause before the next attempt. Logs that it is shorter than what was asked for. */
  next(entry: PendingRecord, failure: RetryOutcome): number {
    const { options, random } = this.#parts
    const { after, fault } = failure
    const asked = this.asked(failure)
    if (after !== null && asked !== null && asked < after) this.#logCut(entry, failure, asked)
    const own = backoffAfter(entry.attempts + entry.limited, options.retry, random())
    // A handler that asks for fewer requests but no pause would otherwise be called without end.
    return fault === 'limit' ? Math.max(own, asked ?? 0) : (asked ?? own)
  }

  #logCut({ record }: PendingRecord, { handler, after }: RetryOutcome, maxAfter: number): void {
    const { circuits, log, now } = this.#parts
    if (this.#cuts.next('', now()) === null) return
    const { topic, partition, offset } = record
    log.warn(
      { event: 'retry.cut', topic, partition, offset, handler, after, maxAfter },
      `${nameOf(circuits.of(handler))} asked for another attempt in ${Math.round((after ?? 0) / 1000)} s. ` +
        `It is made in ${Math.round(maxAfter / 1000)} s (retry.maxAfter). Logged once a minute per partition.`,
    )
  }
}
