import type { PartitionOffsets } from '../broker/types.ts'
import { byPartitionName, partitionName } from '../kernel/shapes/record.ts'

export interface GroupRates {
  /** Records a second; null before the second reading. */
  readonly consumeRate: number | null
  readonly produceRate: number | null
}

/** Changes between two readings. */
interface Step {
  /** End of the step, monotonic milliseconds. */
  readonly at: number
  readonly milliseconds: number
  readonly consumed: number
  readonly produced: number
}

/**
 * Average rates over the last `window` milliseconds, computed from the offsets. A partition
 * contributes nothing if its offset goes backwards (a recreated topic, a rewind) or it was not in
 * the last reading, so a rebalance does not disturb the rates.
 */
export function createGroupRates(window: number) {
  let steps: Step[] = []
  let last: { at: number; offsets: ReadonlyMap<string, PartitionOffsets> } | null = null

  return {
    /** @param at monotonic milliseconds */
    add(offsets: readonly PartitionOffsets[], at: number): GroupRates {
      if (last !== null && at > last.at) {
        const step = difference(last.offsets, offsets)
        steps.push({ at, milliseconds: at - last.at, ...step })
        // After a long outage the only step is a long one.
        steps = steps.filter((each) => each.at > at - window)
      }
      last = { at, offsets: byPartitionName(offsets) }
      return mean(steps)
    },
  }
}

function difference(
  before: ReadonlyMap<string, PartitionOffsets>,
  after: readonly PartitionOffsets[],
): { consumed: number; produced: number } {
  let consumed = 0
  let produced = 0
  for (const now of after) {
    const then = before.get(partitionName(now))
    if (then === undefined) continue
    produced += Math.max(0, now.end - then.end)
    if (now.committed === null || then.committed === null) continue
    consumed += Math.max(0, now.committed - then.committed)
  }
  return { consumed, produced }
}

function mean(steps: readonly Step[]): GroupRates {
  if (steps.length === 0) return { consumeRate: null, produceRate: null }
  let [milliseconds, consumed, produced] = [0, 0, 0]
  for (const step of steps) {
    milliseconds += step.milliseconds
    consumed += step.consumed
    produced += step.produced
  }
  const seconds = milliseconds / 1000
  return { consumeRate: consumed / seconds, produceRate: produced / seconds }
}
