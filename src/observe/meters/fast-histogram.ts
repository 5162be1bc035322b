import type { FastHistogram, HistogramSnapshot, Observed } from '../types.ts'

/**
 * A histogram whose observation is a binary search and two additions in a typed array. That of
 * prom-client takes about thirty times as long, too much for 60,000 records a second.
 *
 * @param bounds Upper bounds (inclusive, as in Prometheus) in ascending order, without +Inf.
 */
export function createFastHistogram(bounds: readonly number[]): FastHistogram {
  if (bounds.some((bound, index) => !(bound > (bounds[index - 1] ?? -Infinity)))) {
    throw new RangeError(`histogram bounds must ascend: ${bounds.join(', ')}`)
  }
  return new ArrayHistogram(bounds)
}

class ArrayHistogram implements FastHistogram {
  readonly #bounds: readonly number[]
  readonly #upper: Float64Array
  /** One count per bucket, then the count above the last bound, then the sum. */
  readonly #cells: Float64Array

  constructor(bounds: readonly number[]) {
    this.#bounds = Object.freeze([...bounds])
    this.#upper = Float64Array.from(bounds)
    this.#cells = new Float64Array(bounds.length + 2)
  }

  observe(seconds: number): void {
    // A single NaN or infinity would make the sum useless until the process ends.
    if (!Number.isFinite(seconds)) return
    const value = Math.max(seconds, 0)
    const upper = this.#upper
    let low = 0
    let high = upper.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (value <= (upper[middle] ?? 0)) high = middle
      else low = middle + 1
    }
    const cells = this.#cells
    const last = cells.length - 1
    cells[low] = (cells[low] ?? 0) + 1
    cells[last] = (cells[last] ?? 0) + value
  }

  add({ counts, sum }: Observed): void {
    const cells = this.#cells
    const last = cells.length - 1
    for (let index = 0; index < last; index++) {
      cells[index] = (cells[index] ?? 0) + (counts[index] ?? 0)
    }
    cells[last] = (cells[last] ?? 0) + sum
  }

  snapshot(): HistogramSnapshot {
    let count = 0
    const cumulative = Array.from(this.#cells.subarray(0, -1), (cell) => {
      count += cell
      return count
    })
    return { bounds: this.#bounds, cumulative, sum: this.#cells.at(-1) ?? 0, count }
  }

  observed(): Observed {
    const cells = this.#cells
    return { counts: Array.from(cells.subarray(0, -1)), sum: cells.at(-1) ?? 0 }
  }

  reader(): () => Observed | null {
    const cells = this.#cells
    const before = new Float64Array(cells.length)
    const last = cells.length - 1
    return () => {
      let same = 0
      while (same < last && cells[same] === before[same]) same++
      if (same === last) return null
      const added = Array.from(cells, (cell, index) => cell - (before[index] ?? 0))
      before.set(cells)
      return { counts: added.slice(0, last), sum: added[last] ?? 0 }
    }
  }

  empty(): FastHistogram {
    return new ArrayHistogram(this.#bounds)
  }
}
