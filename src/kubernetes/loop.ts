import { sleep } from '../kernel/lifecycle.ts'

/** Something that is done again and again until it is stopped. */
export interface Loop {
  /** Resolves when the turn under way is over; no other begins. */
  stop(): Promise<void>
}

/**
 * Calls `turn` at once, and again each time the milliseconds that it answered with are over.
 *
 * @param turn Never rejects: each part says its own errors.
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
