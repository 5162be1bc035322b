import { messageOf, OccError } from '../errors.ts'
import type { HeldWrite } from './held-write.ts'

/**
 * The result of one attempt to handle one record. Outcomes are data: no room throws to another room
 * for a record that cannot be handled.
 *
 * - `ok`: handled; its offset is finished.
 * - `skip`: skipped on purpose by a rule; its offset is finished.
 * - `retry`: not handled; another attempt may succeed.
 * - `later`: not handled; it is parked, and its offset is finished when it is kept.
 * - `dead`: cannot be handled; its offset is finished only when its dead letter is stored.
 */
export type Outcome = OkOutcome | SkipOutcome | RetryOutcome | LaterOutcome | DeadOutcome

interface WithWrites {
  /**
   * What handlers that are done with the record want written with its offset. With `ok` and `skip`
   * it is written; with `later` and `dead`, or once a `retry` is given up, it goes with what is kept.
   */
  readonly writes?: readonly HeldWrite[]
}

export interface SkipOutcome extends WithWrites {
  readonly kind: 'skip'
  readonly reason: string
  /** It was skipped unread, so it does not show that records of its topic can be decoded. */
  readonly unread?: true
}

export interface OkOutcome extends WithWrites {
  readonly kind: 'ok'
  /**
   * Handlers that handled it in this attempt: evidence that they work. Without it: none by name.
   */
  readonly handlers?: readonly string[]
}

/**
 * The cause of a failed attempt, according to its error. flow/ acts on it only with evidence.
 *
 * - `record`: the record's own; another attempt will hardly help.
 * - `world`: a dependency of the handler is down, or the cause is unknown.
 * - `limit`: a dependency is rate limited: the record is retried until it succeeds, and never given
 *   up.
 * - `decode`: its bytes are not in the format of its topic; no attempt changes that.
 */
export type Fault = 'record' | 'world' | 'limit' | 'decode'

export interface RetryOutcome extends WithWrites {
  readonly kind: 'retry'
  readonly error: OccError
  /** The handler of the attempt; null: none, for example if the record cannot be decoded. */
  readonly handler: string | null
  /** All handlers whose attempt failed. Without it: `handler`. */
  readonly failed?: readonly string[]
  /** Without it: `world`. */
  readonly fault?: Fault
  /** Milliseconds until the next attempt; null: the backoff of flow/. */
  readonly after: number | null
  /**
   * The handlers of the dead letter if no attempt follows, separated by commas: others may already
   * have given the record up. Without it: `handler`.
   */
  readonly deadFor?: string
  /** Handlers that did handle it in this attempt: evidence that they work. */
  readonly handlers?: readonly string[]
}

export interface LaterOutcome extends WithWrites {
  readonly kind: 'later'
  /** Milliseconds until it is handled again. */
  readonly after: number
  readonly reason: string
  /** The handlers that get it again, separated by commas; null: all. */
  readonly handler: string | null
  /** It waits behind a parked record of its key, unread. */
  readonly unread?: true
  /** Handlers that did handle it in this attempt: evidence that they work. */
  readonly handlers?: readonly string[]
}

export interface DeadOutcome extends WithWrites {
  readonly kind: 'dead'
  readonly error: OccError
  /** Handlers of the dead letter, separated by commas; null: all, or none. */
  readonly handler: string | null
  /** Handlers that did handle it in this attempt: evidence that they work. */
  readonly handlers?: readonly string[]
}

export const OK: Outcome = Object.freeze({ kind: 'ok' })

/** A record that was redriven for another consumer group. */
export const PASSED_BY: Outcome = Object.freeze({
  kind: 'skip',
  reason: 'other-group',
  unread: true,
})

export function skip(reason: string): SkipOutcome {
  return { kind: 'skip', reason }
}

export function retry(
  error: OccError,
  handler: string | null,
  after: number | null = null,
): RetryOutcome {
  return { kind: 'retry', error, handler, after }
}

export function later(after: number, reason: string, handler: string | null): LaterOutcome {
  return { kind: 'later', after, reason, handler }
}

/** The outcome of a record whose bytes are not in the format of its topic. */
export function undecodable(error: OccError): RetryOutcome {
  return { ...retry(error, null), fault: 'decode' }
}

/**
 * Whether records that must not overtake this one wait for its next attempt. A record that cannot
 * be decoded never succeeds, so nothing can overtake it.
 */
export function holdsOrder(outcome: Outcome): boolean {
  return outcome.kind === 'retry' && outcome.fault !== 'decode'
}

export function dead(error: OccError, handler: string | null = null): DeadOutcome {
  return { kind: 'dead', error, handler }
}

/** The outcome of an attempt that threw instead of returning one; it blames no handler. */
export function thrown(problem: unknown): RetryOutcome {
  if (problem instanceof OccError) return retry(problem, null)
  const text = `The record could not be handed over: ${messageOf(problem)}`
  return retry(new OccError('OCC_ATTEMPT', text, { cause: problem, retriable: true }), null)
}
