import type { ConcurrencyLimiter } from './concurrency-limiter.ts'
import type { Lane } from './lane/lane.ts'

/** Milliseconds of handling before the event loop gets its turn: heartbeats, fetches, HTTP. */
const SLICE = 5
/** Records of one lane before the next lane gets its turn. */
const QUANTUM = 64

/**
 * Turns the lanes that have work, one after the other, so that no partition starves another: a
 * lane that had its turn goes to the end of the line, also when the slice ends in between. While the
 * process has enough in hand, they keep their places in the line.
 */
export interface Pump {
  wake(lane: Lane): void
}

export function createPump(limiter: ConcurrencyLimiter): Pump {
  /** In the order of their turns: a set keeps the order of insertion. */
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
      // What is added again below comes last, and this loop gets to it.
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
