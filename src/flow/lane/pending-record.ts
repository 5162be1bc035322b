import type { RetryOutcome } from '../../kernel/shapes/outcome.ts'
import type { KafkaRecord } from '../../kernel/shapes/record.ts'
import type { Attempted, CircuitBreaker, Trouble } from '../circuit/circuit-breaker.ts'
import type { Slot } from '../concurrency-limiter.ts'
import { sizeOf } from '../intake/record-queue.ts'
import type { KeyQueue } from './key-queue.ts'

/**
 * - `queued`: behind another record of its key or partition;
 * - `ready`: may be handed over;
 * - `running`: being handled;
 * - `waiting`: for the time of its next attempt;
 * - `suspect`: set aside, because it is unclear whether the record or its handler is at fault;
 * - `dead-lettering`: being written to the dead letters.
 */
export type PendingState = 'queued' | 'ready' | 'running' | 'waiting' | 'suspect' | 'dead-lettering'

const NO_TROUBLES: readonly Trouble[] = Object.freeze([])

/** A record that was taken and is not finished. Records finished synchronously have none. */
export class PendingRecord implements Attempted {
  record: KafkaRecord
  readonly offset: number
  readonly size: number
  /** Shared with the records it must not overlap; null: none. */
  readonly key: string | null
  /** Monotonic milliseconds. */
  readonly takenAt: number
  state: PendingState = 'queued'
  queue: KeyQueue<PendingRecord> | null = null
  /** When the current or last attempt started, monotonic milliseconds. */
  startedAt = 0
  /** Set while it is in flight. */
  slot: Slot | null = null
  /** It was in flight for too long, and that was logged. */
  isStuck = false
  /** Its bytes are a copy, not a slice of a fetch response. */
  isDetached = false
  /** Failed attempts that count. */
  attempts = 0
  /** Of these, taken back so that one more can be made, until it is. */
  takenBack = 0
  /** Attempts that were only too early. */
  limited = 0
  failedFirstAt: number | null = null
  failure: RetryOutcome | null = null
  /** CircuitBreakers moment at which its last attempt began. */
  begunAt = 0
  /** The circuits that the last attempt failed with. */
  troubles: readonly Trouble[] = NO_TROUBLES
  /** The circuit that this attempt probes. */
  probes: CircuitBreaker | null = null
  timer: NodeJS.Timeout | undefined

  constructor(record: KafkaRecord, key: string | null, takenAt: number) {
    this.record = record
    this.offset = record.offset
    this.size = sizeOf(record)
    this.key = key
    this.takenAt = takenAt
  }

  /** Every circuit that failed with it has succeeded with another record since. */
  get isProven(): boolean {
    return this.troubles.every((trouble) => trouble.circuit.hasWorkedSince(trouble))
  }

  get isUndecodable(): boolean {
    return this.failure?.fault === 'decode'
  }
}
