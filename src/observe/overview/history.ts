import type { Counts } from './tally.ts'
import type { History, Numbers } from './types.ts'

/** Milliseconds. */
export const SAMPLE_INTERVAL = 5_000
const SAMPLES = (15 * 60_000) / SAMPLE_INTERVAL

/** One moment of the process. */
export interface Sample {
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly monotonic: number
  readonly counts: Counts
  readonly numbers: Numbers
}

/** The last 15 minutes. */
export interface Samples {
  add(sample: Sample): void
  history(): History
  /** How much a count has grown within so many milliseconds. */
  grown(count: keyof Counts, current: Sample, within: number): number
  /** When a count was seen to have grown last, milliseconds since the epoch; null: never. */
  grewAt(count: keyof Counts): number | null
}

/** @param first at the start, when nothing is counted */
export function createSamples(first: Sample): Samples {
  let samples = [first]
  const grewAt = new Map<string, number>()

  function column(pick: (numbers: Numbers) => number | null): ReadonlyArray<number | null> {
    return samples.map(({ numbers }) => pick(numbers))
  }

  return {
    add(sample) {
      const before = samples.at(-1) ?? first
      for (const [count, value] of Object.entries(sample.counts)) {
        if (value > before.counts[count as keyof Counts]) grewAt.set(count, sample.now)
      }
      samples = [...samples.slice(1 - SAMPLES), sample]
    },
    grown(count, current, within) {
      const from = current.monotonic - within
      // The last one before the window: what was counted since then may be within.
      const before = samples.findLast(({ monotonic }) => monotonic <= from) ?? samples[0] ?? first
      return current.counts[count] - before.counts[count]
    },
    grewAt: (count) => grewAt.get(count) ?? null,
    history: () => ({
      interval: SAMPLE_INTERVAL / 1000,
      at: samples.map(({ now }) => now),
      lagSeconds: column(({ lagSeconds }) => lagSeconds),
      inPerSecond: column(({ inPerSecond }) => inPerSecond),
      outPerSecond: column(({ outPerSecond }) => outPerSecond),
      p99Seconds: column(({ p99Seconds }) => p99Seconds),
      secondsUntilLoss: column(({ secondsUntilLoss }) => secondsUntilLoss),
      rebalances: samples.map(
        ({ counts }, index) =>
          counts.rebalances - (samples[index - 1] ?? samples[0] ?? first).counts.rebalances,
      ),
    }),
  }
}
