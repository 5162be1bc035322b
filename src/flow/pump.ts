import type { Gate } from './types.ts'

/** Milliseconds of handling before the event loop gets a turn for heartbeats, fetches and HTTP. */
const SLICE = 5
/** Records of one lane before the next lane gets its turn. */
const QUANTUM = 64

/** A lane as the pump sees it. */
export interface Runnable {
  /** A record may be handed over now. */
  readonly runnable: boolean
  /**
   * Hands records over until none is left, one must be waited for, `limit` are done, the monotonic
   * time `until` has come, or the process is at its concurrency limit. A turn that begins late, because
   * the process was not running, still hands one over: the lane goes to the end of the queue after it.
   */
  run(limit: number, until: number): void
}

/**
 * Runs the lanes that have work in turn, so that no partition starves another. A lane that had its
 * turn goes to the end of the queue, even if the slice ended during it. While a gate is closed, lanes
 * keep their places.
 */
export interface Pump {
  /** The lane may have work. */
  wake(lane: Runnable): void
}

export function createPump(gates: readonly Gate[]): Pump {
  /** In the order of their turns: a Set keeps insertion order. */
  const ready = new Set<Runnable>()
  let scheduled = false

  const closed = () => gates.find(({ open }) => !open)

  function schedule(): void {
    if (scheduled) return
    scheduled = true
    setImmediate(turn)
  }

  function turn(): void {
    scheduled = false
    const until = performance.now() + SLICE
    for (const lane of ready) {
      if (closed() !== undefined) break
      // A lane added again below comes last, and this loop reaches it.
      ready.delete(lane)
      lane.run(QUANTUM, until)
      if (lane.runnable) ready.add(lane)
      if (performance.now() >= until) break
    }
    if (ready.size === 0) return
    const gate = closed()
    if (gate === undefined) schedule()
    else gate.whenOpen(schedule)
  }

  return {
    wake(lane) {
      if (!lane.runnable) return
      ready.add(lane)
      schedule()
    },
  }
}
