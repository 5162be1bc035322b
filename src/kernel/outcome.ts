import { messageOf, OccError } from './errors.ts'

/**
 * What became of one attempt to handle one record. Outcomes are data: no room throws across its
 * border for a record that cannot be handled.
 *
 * - `ok`: handled; its offset is finished.
 * - `skip`: left out by a rule on purpose; its offset is finished.
 * - `retry`: not handled, and may be by another attempt.
 * - `dead`: cannot be handled; its offset is finished only when its dead letter is kept safely.
 */
export type Outcome =
  | OkOutcome
  | { readonly kind: 'skip'; readonly reason: string }
  | RetryOutcome
  | DeadOutcome

export interface OkOutcome {
  readonly kind: 'ok'
  /** Who handled it in this attempt: evidence that these work. Without it: nobody by name. */
  readonly handlers?: readonly string[]
}

/**
 * Whose fault a failed attempt is, as far as its error tells. None is believed at once: see flow/.
 *
 * - `record`: the record's own; another attempt will hardly help.
 * - `world`: what the handler needs is away, or nothing is known.
 * - `limit`: the world takes it, later: it is tried until then, and never given up.
 * - `decode`: its bytes are not what its topic is said to hold; no attempt changes that.
 */
export type Fault = 'record' | 'world' | 'limit' | 'decode'

export interface RetryOutcome {
  readonly kind: 'retry'
  readonly error: OccError
  /** Whose attempt it was; null: nobody's, as where a record cannot be decoded. */
  readonly handler: string | null
  /** All whose attempt failed. Without it: `handler`. */
  readonly failed?: readonly string[]
  /** Without it: `world`. */
  readonly fault?: Fault
  /** Milliseconds until the next attempt; null: the flow's own backoff. */
  readonly after: number | null
  /**
   * All that the record's dead letter is for, should no attempt follow, with commas between: others
   * had given it up already. Without it: `handler`.
   */
  readonly deadFor?: string
  /** Who did handle it in this attempt: evidence that these work. */
  readonly handlers?: readonly string[]
}

export interface DeadOutcome {
  readonly kind: 'dead'
  readonly error: OccError
  /** Whom the dead letter is for; several with commas between. null: all, or nobody. */
  readonly handler: string | null
  /** Who did handle it in this attempt: evidence that these work. */
  readonly handlers?: readonly string[]
}

export const OK: Outcome = Object.freeze({ kind: 'ok' })

export function skip(reason: string): Outcome {
  return { kind: 'skip', reason }
}

export function retry(
  error: OccError,
  handler: string | null,
  after: number | null = null,
): RetryOutcome {
  return { kind: 'retry', error, handler, after }
}

/** Of a record whose bytes are not what its topic is said to hold. */
export function undecodable(error: OccError): RetryOutcome {
  return { ...retry(error, null), fault: 'decode' }
}

/**
 * Whether what must not overtake the record waits for its next attempt. One that cannot be decoded
 * never succeeds, so nothing can overtake it.
 */
export function holdsOrder(outcome: Outcome): boolean {
  return outcome.kind === 'retry' && outcome.fault !== 'decode'
}

export function dead(error: OccError, handler: string | null = null): DeadOutcome {
  return { kind: 'dead', error, handler }
}

/** What was thrown where an outcome is due: nobody by name has failed an attempt at the record. */
export function thrown(problem: unknown): RetryOutcome {
  if (problem instanceof OccError) return retry(problem, null)
  const text = `The record could not be handed over: ${messageOf(problem)}`
  return retry(new OccError('OCC_ATTEMPT', text, { cause: problem, retriable: true }), null)
}
