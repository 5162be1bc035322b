import type { Handling } from './ledger.ts'
import type { Acked } from './load.ts'

/** A stretch of time, in milliseconds since the epoch. */
export interface Window {
  readonly from: number
  readonly to: number
}

export interface Delay {
  readonly partition: number
  readonly ms: number
}

/**
 * How long records waited for being handled, after all in-sync replicas had them and so consumers
 * could get them: what a partition's pause costs, whatever kept its producer.
 */
export function createDelays(acked: readonly Acked[], handled: readonly Handling[]) {
  const first = new Map<string, number>()
  for (const { partition, offset, time } of handled) {
    const name = `${partition}/${offset}`
    first.set(name, Math.min(first.get(name) ?? Number.POSITIVE_INFINITY, time))
  }
  return {
    /** Of the batches of these partitions that were acknowledged within the window. */
    longest(partitions: ReadonlySet<number>, { from, to }: Window): Delay {
      let longest: Delay = { partition: -1, ms: 0 }
      for (const { partition, firstOffset, count, time } of acked) {
        if (!partitions.has(partition) || time < from || time > to) continue
        const last = first.get(`${partition}/${firstOffset + count - 1}`)
        // Never handled is another figure.
        if (last !== undefined && last - time > longest.ms) longest = { partition, ms: last - time }
      }
      return longest
    },
    /** Batches that the figure above is drawn from. */
    count: (partitions: ReadonlySet<number>, { from, to }: Window) =>
      acked.filter((it) => partitions.has(it.partition) && it.time >= from && it.time <= to).length,
  }
}

export function longer(a: Delay, b: Delay): Delay {
  return b.ms > a.ms ? b : a
}

export const NO_DELAY: Delay = { partition: -1, ms: 0 }

export function delayText({ ms, partition }: Delay): string {
  return partition < 0 ? 'none' : `${ms} ms (partition ${partition})`
}
