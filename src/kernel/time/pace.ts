import { sleep } from '../lifecycle.ts'

/** An even rate for what is sent in batches. */
export interface Pace {
  /** Records of a batch, at most: with a rate, what is due in a tenth of a second. */
  readonly batch: number
  /** Resolves when more is due after this many records, or when the signal aborts. */
  due(done: number, signal: AbortSignal): Promise<void>
}

/** @param rate records a second; 0: no limit @param most records of a batch without one */
export function createPace(rate: number, most: number): Pace {
  const started = performance.now()
  return {
    batch: rate === 0 ? most : Math.max(1, Math.min(most, Math.floor(rate / 10))),
    async due(done, signal) {
      if (rate === 0) return
      await sleep(Math.max(0, started + (done / rate) * 1000 - performance.now()), signal)
    },
  }
}
