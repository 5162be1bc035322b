import type { RetryOptions } from '../types.ts'

/** Milliseconds that a timer can take; with more of them it would be over at once. */
const MAX_PAUSE = 2 ** 31 - 1

/** The pause that a handler, or whom it called, asked for, as far as it is kept; null: none. */
export function boundedPause(after: number | null, most = MAX_PAUSE): number | null {
  if (after === null || Number.isNaN(after)) return null
  return Math.min(Math.max(0, after), most, MAX_PAUSE)
}

/**
 * Milliseconds until the next attempt: exponential, capped, with full jitter, so that records that
 * failed together do not come back together.
 *
 * @param attempts that were made, 1 or more. @param random from 0 to 1.
 */
export function backoffAfter(attempts: number, options: RetryOptions, random: number): number {
  const longest = Math.min(options.maxBackoff, options.backoff * 2 ** (attempts - 1))
  return Math.round(random * longest)
}
