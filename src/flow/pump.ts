import type { ConcurrencyLimiter } from './concurrency-limiter.ts'
import type { Lane } from './lane/lane.ts'

/** Milliseconds of handling before the event loop gets a turn for heartbeats, fetches and HTTP. */
const SLICE = 5
/** Records of one lane before the next lane gets its turn. */
const QUANTUM = 64

/**
 * Runs the lanes that have work in turn, so that no partition starves another. A lane that had its
 * turn goes to the end of the queue, even if the slice ended during it. While the process is at its
 * concurrency limit, lanes keep their places.
 */
export interface Pump {
  wake(lane: Lane): void
}

export function createPump(limiter: ConcurrencyLimiter): Pump {
  /** In the order of their turns: a Set keeps insertion order. */
  const ready = new Set<Lane>()
  let scheduled = false

  function schedule(): void {
    if (scheduled) return
    scheduled = true
    setImmediate(turn)
  }

  function turn(): void {
    scheduled = false
    const until = performance.now() + SLICE
    for (const lane of ready) {
      if (!limiter.open) break
      // A lane added again below comes last, and this loop reaches it.
      ready.delete(lane)
      lane.run(QUANTUM, until)
      if (lane.runnable) ready.add(lane)
      if (performance.now() >= until) break
    }
    if (ready.size === 0) return
    if (limiter.open) schedule()
    else limiter.whenOpen(schedule)
  }

  return {
    wake(lane) {
      if (!lane.runnable) return
      ready.add(lane)
      schedule()
    },
  }
}
