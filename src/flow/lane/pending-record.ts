import type { RetryOutcome } from '../../kernel/outcome.ts'
import type { KafkaRecord } from '../../kernel/record.ts'
import type { CircuitBreaker, Trouble } from '../circuit/circuit-breaker.ts'
import type { Place } from '../concurrency-limiter.ts'
import { sizeOf } from '../intake/record-queue.ts'
import type { KeyQueue } from './key-queue.ts'

/**
 * - `lined`: behind another record of its key or partition;
 * - `ready`: may be handed over;
 * - `running`: in a handler's hands;
 * - `waiting`: for the time of its next attempt;
 * - `suspect`: set aside, as nothing shows whether it or its handler is to blame;
 * - `keeping`: on its way to the dead letters.
 */
export type EntryState = 'lined' | 'ready' | 'running' | 'waiting' | 'suspect' | 'keeping'

const NO_TROUBLES: readonly Trouble[] = Object.freeze([])

/** A record that was taken from the queue and is not finished: one that is done at once has none. */
export class PendingRecord {
  record: KafkaRecord
  readonly offset: number
  readonly size: number
  /** What it shares with the records it must not overlap; null: nothing. */
  readonly key: string | null
  /** Monotonic milliseconds. */
  readonly takenAt: number
  state: EntryState = 'lined'
  line: KeyQueue | null = null
  /** Monotonic milliseconds; of the attempt that is being made, or was made last. */
  startedAt = 0
  /** While it is in hand. */
  place: Place | null = null
  /** It was in hand for too long, which has been said. */
  isStuck = false
  /** Of its own, rather than a slice of a fetched response. */
  isDetached = false
  /** Attempts that failed and count. */
  attempts = 0
  /** Those that only came too early. */
  limited = 0
  failedFirstAt: number | null = null
  failure: RetryOutcome | null = null
  /** A moment of Circuits: when its last attempt began. */
  begunAt = 0
  /** With whom it failed last. */
  troubles: readonly Trouble[] = NO_TROUBLES
  /** The circuit that is tried out with this attempt. */
  probes: CircuitBreaker | null = null
  timer: NodeJS.Timeout | undefined

  constructor(record: KafkaRecord, key: string | null, takenAt: number) {
    this.record = record
    this.offset = record.offset
    this.size = sizeOf(record)
    this.key = key
    this.takenAt = takenAt
  }
}
