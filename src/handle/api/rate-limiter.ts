import { sleep } from '../../kernel/lifecycle.ts'
import { TokenBucket } from '../../kernel/time/token-bucket.ts'

/** Spreads calls to something that allows only so many. */
export interface RateLimiter {
  /**
   * Resolves when it is the caller's turn; in the order of the calls. Rejects with the reason of the
   * signal if it aborts first: pass `context.signal`.
   */
  turn(signal?: AbortSignal): Promise<void>
}

/**
 * At most `perSecond` turns a second, evenly spread; after a pause up to a tenth of a second's turns
 * at once. It counts in this thread only: with several pods or `processing.workers`, divide the
 * limit by their number.
 *
 * @param perSecond more than 0; may be a fraction: 0.5 is one turn every two seconds.
 */
export function createRateLimiter(perSecond: number): RateLimiter {
  if (!Number.isFinite(perSecond) || perSecond <= 0) {
    throw new RangeError(
      `createRateLimiter(${perSecond}): the turns a second must be a number above 0`,
    )
  }
  const bucket = new TokenBucket(perSecond)
  return {
    async turn(signal) {
      signal?.throwIfAborted()
      const { wait } = bucket
      // Overdrawn by each caller that waits, so that the next one waits longer.
      bucket.take(1)
      if (wait === 0) return
      await sleep(wait, signal)
      if (!signal?.aborted) return
      bucket.take(-1)
      signal.throwIfAborted()
    },
  }
}
