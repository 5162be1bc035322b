import type { RetryOptions } from '../types.ts'

/** Maximum delay of a timer in milliseconds; a longer one would fire immediately. */
const MAX_PAUSE = 2 ** 31 - 1

/** The pause that a handler, or the service it called, asked for, within limits; null: none. */
export function boundedPause(after: number | null, max: number): number | null {
  if (after === null || Number.isNaN(after)) return null
  return Math.min(Math.max(0, after), max, MAX_PAUSE)
}

/**
 * Milliseconds until the next attempt: exponential, capped, with full jitter, so that records that
 * failed together are not retried together.
 *
 * @param attempts made so far, 1 or more. @param random from 0 to 1.
 */
export function backoffAfter(attempts: number, options: RetryOptions, random: number): number {
  const longest = Math.min(options.maxBackoff, options.backoff * 2 ** (attempts - 1))
  return Math.round(random * longest)
}
