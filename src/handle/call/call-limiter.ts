import { TokenBucket } from '../../kernel/time/token-bucket.ts'

/** A place for one call. Releasing it more than once has no further effect. */
export interface Place {
  release(): void
}

export interface CallLimits {
  /** Maximum calls at the same time. */
  readonly concurrency?: number | undefined
  /** Maximum messages a second; 0: no limit. */
  readonly maxRecordsPerSecond?: number | undefined
}

/** How many calls of one handler run at once in this process, and how fast they begin. */
export interface CallLimiter {
  /**
   * A place for a call, at once or in its turn. null: the signal was aborted meanwhile, so the call
   * must not begin.
   */
  enter(messages: number, signal: AbortSignal): Place | Promise<Place | null>
  /**
   * The longest that one of the running calls has waited for its place, milliseconds; Infinity while
   * any call waits.
   */
  readonly waited: number
}

interface Waiting {
  readonly messages: number
  readonly since: number
  begin(place: Place | null): void
}

/** null: there is nothing to limit. */
export function createCallLimiter({
  concurrency = Number.POSITIVE_INFINITY,
  maxRecordsPerSecond = 0,
}: CallLimits): CallLimiter | null {
  if (concurrency === Number.POSITIVE_INFINITY && maxRecordsPerSecond === 0) return null
  const rate = maxRecordsPerSecond === 0 ? null : new TokenBucket(maxRecordsPerSecond)
  /** In the order of their turns: a Set keeps insertion order. */
  const waiting = new Set<Waiting>()
  let running = 0
  let longest = 0
  let isTimed = false

  function take(messages: number): Place {
    running += 1
    rate?.take(messages)
    let isReleased = false
    return {
      release() {
        if (isReleased) return
        isReleased = true
        running -= 1
        if (running === 0) longest = 0
        next()
      },
    }
  }

  const isOpen = () => running < concurrency && (rate === null || rate.wait === 0)

  function next(): void {
    for (const first of waiting) {
      if (!isOpen()) break
      waiting.delete(first)
      longest = Math.max(longest, performance.now() - first.since)
      first.begin(take(first.messages))
    }
    if (waiting.size > 0 && running < concurrency) wakeLater()
  }

  /** Only the rate stops the first one. */
  function wakeLater(): void {
    if (isTimed) return
    isTimed = true
    setTimeout(
      () => {
        isTimed = false
        next()
      },
      Math.max(1, rate?.wait ?? 0),
    )
  }

  function wait(messages: number, signal: AbortSignal): Promise<Place | null> {
    const { promise, resolve } = Promise.withResolvers<Place | null>()
    const leave = () => {
      waiting.delete(entry)
      resolve(null)
    }
    const entry: Waiting = {
      messages,
      since: performance.now(),
      begin(place) {
        signal.removeEventListener('abort', leave)
        resolve(place)
      },
    }
    waiting.add(entry)
    signal.addEventListener('abort', leave, { once: true })
    next()
    return promise
  }

  return {
    enter: (messages, signal) =>
      waiting.size === 0 && isOpen() ? take(messages) : wait(messages, signal),
    get waited() {
      return waiting.size > 0 ? Number.POSITIVE_INFINITY : longest
    },
  }
}
