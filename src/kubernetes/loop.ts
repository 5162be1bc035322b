import { sleep } from '../kernel/lifecycle.ts'

/** Repeats work until it is stopped. */
export interface Loop {
  /** Resolves when the current turn is over; no other turn begins. */
  stop(): Promise<void>
}

/**
 * Calls `turn` at once, and again after the milliseconds that the last turn resolved with.
 *
 * @param turn Never rejects: each part reports its own errors.
 */
export function startLoop(turn: () => Promise<number>): Loop {
  const abort = new AbortController()
  async function run(): Promise<void> {
    while (!abort.signal.aborted) await sleep(await turn(), abort.signal)
  }
  const ended = run()
  return {
    stop() {
      abort.abort()
      return ended
    },
  }
}
