import type { FastHistogram, Observed } from '../../observe/types.ts'

/** Observations for a histogram in another thread. */
export class Tally {
  readonly #bounds: readonly number[]
  readonly #counts: number[]
  #sum = 0

  constructor(histogram: FastHistogram) {
    this.#bounds = histogram.snapshot().bounds
    this.#counts = new Array(this.#bounds.length + 1).fill(0)
  }

  /** Selects the bucket as FastHistogram.observe does. */
  observe(seconds: number): void {
    if (!Number.isFinite(seconds)) return
    const value = Math.max(seconds, 0)
    let low = 0
    let high = this.#bounds.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (value <= (this.#bounds[middle] ?? 0)) high = middle
      else low = middle + 1
    }
    this.#counts[low] = (this.#counts[low] ?? 0) + 1
    this.#sum += value
  }

  read(): Observed {
    return { counts: this.#counts, sum: this.#sum }
  }
}
