import type { Outcome, RetryOutcome } from '../../kernel/shapes/outcome.ts'
import type { CircuitBreaker } from './circuit-breaker.ts'

/** The name of an unnamed handler. */
export const NOBODY = ''
/** The handlers of a success without names. */
export const BY_NOBODY: readonly string[] = [NOBODY]
const NOT_AT_ALL: readonly string[] = []

/** A partition as the circuits see it. */
export interface CircuitLane {
  readonly topic: string
  /** The format its records are decoded as, in words. */
  readonly format: string
  readonly handlers: readonly string[] | null
  /** Records of its topic were handled, or at least decoded, in this process. */
  readonly hasHandled: boolean
  readonly hasDecoded: boolean
  /** One of its circuits opened, closed, was paused or was resumed. */
  circuitsChanged(): void
  /**
   * Failures caused by this circuit's outage say nothing about the records.
   * @param isOver the circuit works again.
   */
  resetAttempts(circuit: CircuitBreaker, isOver: boolean): void
  /**
   * Hands one record over although the lane is stopped.
   * @param mayOvertake also a record whose success comes before that of one set aside, which must
   * then die. False: there is none.
   */
  probe(circuit: CircuitBreaker, mayOvertake: boolean): boolean
}

/** The result of a probe that did not close its circuit. */
export interface ProbeResult {
  /** The circuits that were called and failed. */
  readonly failed: readonly CircuitBreaker[]
  /** null: the probe did not fail. */
  readonly failure: RetryOutcome | null
  /** Milliseconds that the other side asked for. */
  readonly after: number
}

/** The probe did not fail, or was not begun. */
export const NOT_FAILED: ProbeResult = { failed: [], failure: null, after: 0 }

/** True if the circuit can stop the partition. */
export function concerns({ handler, topic }: CircuitBreaker, lane: CircuitLane): boolean {
  if (handler === null) return topic === lane.topic
  return lane.handlers === null || isAmong(handler, lane.handlers)
}

/** Those of the partitions that the circuit can stop. */
export function concerned(lanes: Iterable<CircuitLane>, circuit: CircuitBreaker): CircuitLane[] {
  return [...lanes].filter((lane) => concerns(circuit, lane))
}

/** The handlers that an attempt succeeded in, whatever became of the record. */
export function workedIn(outcome: Outcome): readonly string[] {
  if (outcome.kind === 'skip') return NOT_AT_ALL
  return outcome.handlers ?? (outcome.kind === 'ok' ? BY_NOBODY : NOT_AT_ALL)
}

/** True if a success in these handlers is one of the circuit. Never true for that of a topic. */
export function hasWorkedIn({ handler }: CircuitBreaker, handlers: readonly string[]): boolean {
  return handler !== null && handlers.length > 0 && isAmong(handler, handlers)
}

function isAmong(handler: string, handlers: readonly string[]): boolean {
  return handler === NOBODY || handlers.includes(handler)
}
