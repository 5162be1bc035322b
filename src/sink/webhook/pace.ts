import { OccError } from '../../kernel/errors.ts'
import { sleep } from '../../kernel/lifecycle.ts'

/** When the next request may go: so many a second, and none while the receiver wants none. */
export interface Pace {
  /**
   * Resolves when it is the caller's turn, in the order of the calls. Rejects with OCC_WEBHOOK while
   * the receiver wants no request, and after `stop`.
   */
  turn(): Promise<void>
  /** No request for so many milliseconds from now. */
  hold(milliseconds: number): void
  stop(): void
}

/** A receiver may not stop everything for longer than this, whatever it asks for. */
const MAX_HOLD = 60 * 60 * 1000

/**
 * Two requests are never closer than `1 / perSecond`, also if the process had no time in between:
 * services count what arrives within a second. @param perSecond undefined: no limit.
 */
export function createPace(perSecond: number | undefined): Pace {
  const gap = perSecond === undefined ? 0 : 1000 / perSecond
  const stopping = new AbortController()
  let last = Number.NEGATIVE_INFINITY
  let heldUntil = Number.NEGATIVE_INFINITY
  let before: Promise<void> = Promise.resolve()

  async function next(): Promise<void> {
    const wait = last + gap - performance.now()
    if (wait > 0) await sleep(Math.ceil(wait), stopping.signal)
    refuse()
    last = performance.now()
  }

  function refuse(): void {
    const held = Math.ceil(heldUntil - performance.now())
    if (stopping.signal.aborted)
      throw new OccError('OCC_WEBHOOK', 'The sink is closed', { retriable: true })
    if (held > 0) throw heldBack(held)
  }

  return {
    async turn() {
      refuse()
      if (gap === 0) return
      const turn = before.then(next)
      before = turn.catch(() => {})
      await turn
    },
    hold(milliseconds) {
      heldUntil = Math.max(heldUntil, performance.now() + Math.min(milliseconds, MAX_HOLD))
    },
    stop: () => stopping.abort(),
  }
}

/** With the header that the receiver would answer: the record waits for it. */
function heldBack(milliseconds: number): OccError {
  const seconds = Math.ceil(milliseconds / 1000)
  const text = `The receiver wants no request for ${seconds} s more`
  const headers = { 'retry-after-ms': String(milliseconds) }
  return Object.assign(new OccError('OCC_WEBHOOK', text, { retriable: true }), { headers })
}
