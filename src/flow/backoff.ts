import type { RetryOptions } from './types.ts'

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
