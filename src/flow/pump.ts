import type { Lane } from './lane.ts'

/** Milliseconds of handling before the event loop gets its turn: heartbeats, fetches, HTTP. */
const SLICE = 5
/** Records of one lane before the next lane gets its turn. */
const QUANTUM = 64

/** Turns the lanes that have work, in rounds, so that no partition starves another. */
export interface Pump {
  wake(lane: Lane): void
}

export function createPump(): Pump {
  let ready = new Set<Lane>()
  let scheduled = false

  function schedule(): void {
    if (scheduled) return
    scheduled = true
    setImmediate(turn)
  }

  function turn(): void {
    scheduled = false
    const until = performance.now() + SLICE
    while (ready.size > 0 && performance.now() < until) {
      const round = ready
      ready = new Set()
      for (const lane of round) {
        lane.run(QUANTUM, until)
        if (lane.runnable) ready.add(lane)
      }
    }
    if (ready.size > 0) schedule()
  }

  return {
    wake(lane) {
      if (!lane.runnable) return
      ready.add(lane)
      schedule()
    },
  }
}
