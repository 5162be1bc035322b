import type { RetryOutcome } from '../../kernel/outcome.ts'
import type { CircuitBreaker, SuspectOwner } from './circuit-breaker.ts'

/** Stands for whoever has no name. */
export const NOBODY = ''

/** A partition, as the circuits see it. */
export interface CircuitLane extends SuspectOwner {
  readonly topic: string
  /** What its records are to be decoded as, in words. */
  readonly format: string
  readonly handlers: readonly string[] | null
  /** Records of its topic were handled in this process; were decoded at least. */
  readonly hasHandled: boolean
  readonly hasDecoded: boolean
  /** One of its circuits opened or closed, or is held or let go. */
  circuitsChanged(): void
  /** What failed because of this circuit's outage says nothing about the records. @param isOver it works again. */
  resetAttempts(circuit: CircuitBreaker, isOver: boolean): void
  /** Hands one record over, whatever stops it. False: there is none. */
  probe(circuit: CircuitBreaker): boolean
}

/** What came of a probe that did not close its circuit. */
export interface ProbeResult {
  /** Those that were tried with it, and failed. */
  readonly failed: readonly CircuitBreaker[]
  /** null: it did not fail. */
  readonly failure: RetryOutcome | null
  /** Milliseconds that the other side asked for. */
  readonly after: number
}

/** Whether it stops the partition. */
export function concerns({ handler, topic }: CircuitBreaker, lane: CircuitLane): boolean {
  if (handler === null) return topic === lane.topic
  return lane.handlers === null || isAmong(handler, lane.handlers)
}

export function isAmong(handler: string, handlers: readonly string[]): boolean {
  return handler === NOBODY || handlers.includes(handler)
}
