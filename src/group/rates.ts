import type { PartitionOffsets } from '../broker/types.ts'
import { partitionName } from '../kernel/record.ts'

export interface GroupRates {
  /** Records a second; null until there are two readings. */
  readonly consumeRate: number | null
  readonly produceRate: number | null
}

/** What happened between two readings. */
interface Step {
  /** When it ended, monotonic milliseconds. */
  readonly at: number
  readonly milliseconds: number
  readonly consumed: number
  readonly produced: number
}

/**
 * Means over the last `window` milliseconds, from the offsets themselves. An offset that goes
 * backwards (a topic made anew, a rewind) counts as nothing, and so does a partition that was not
 * there before: after a rebalance the rates go on as if nothing had been.
 */
export function createGroupRates(window: number) {
  let steps: Step[] = []
  let last: { at: number; offsets: ReadonlyMap<string, PartitionOffsets> } | null = null

  return {
    /** @param at Monotonic, milliseconds. */
    add(offsets: readonly PartitionOffsets[], at: number): GroupRates {
      if (last !== null && at > last.at) {
        const step = difference(last.offsets, offsets)
        steps.push({ at, milliseconds: at - last.at, ...step })
        // A long outage ends with one long step, which is then all that is known.
        steps = steps.filter((each) => each.at > at - window)
      }
      last = { at, offsets: new Map(offsets.map((each) => [partitionName(each), each])) }
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
