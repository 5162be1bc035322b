import type { Clock } from '../../kernel/time/clock.ts'

/** What was sent lately: a message that is emitted again is not sent again. */
export interface Deliveries {
  /**
   * Sends, unless the same message is being sent or was taken lately. One that failed is sent again.
   */
  once(message: string, send: () => Promise<void>): Promise<void>
}

/** Messages that are remembered, and for how long after they were emitted last. */
const MAX_REMEMBERED = 10_000
const MAX_AGE = 10 * 60 * 1000

/**
 * A record that is retried emits everything again, also what was taken. With a slow receiver its
 * call may even end before all is sent: without this memory it would begin anew each time.
 */
export function createDeliveries({ monotonic }: Pick<Clock, 'monotonic'>): Deliveries {
  const sending = new Map<string, Promise<void>>()
  /** When each was emitted last, the oldest first. */
  const taken = new Map<string, number>()

  function remember(message: string): void {
    taken.delete(message)
    taken.set(message, monotonic())
    for (const [oldest, at] of taken) {
      if (taken.size <= MAX_REMEMBERED && monotonic() - at <= MAX_AGE) break
      taken.delete(oldest)
    }
  }

  return {
    once(message, send) {
      const running = sending.get(message)
      if (running !== undefined) return running
      const at = taken.get(message)
      if (at !== undefined && monotonic() - at <= MAX_AGE) {
        remember(message)
        return Promise.resolve()
      }
      const run = send()
        .then(() => remember(message))
        .finally(() => sending.delete(message))
      sending.set(message, run)
      return run
    },
  }
}
