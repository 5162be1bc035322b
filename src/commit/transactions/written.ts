import type { OffsetRange } from '../../broker/types.ts'
import type { FinishedState } from '../offset-tracker.ts'

/**
 * What this process has written to the store of one partition, over all assignments: it shows when the
 * store was set back, by a failover that lost transactions, or a restore.
 */
export class Written {
  #state: FinishedState | null = null

  /** The store has something of it no more. */
  isAheadOf(found: FinishedState): boolean {
    const state = this.#state
    if (state === null) return false
    const all = [{ from: 0, to: state.next }, ...state.finished]
    return !all.every((range) => isIn(range, found))
  }

  /** @param isMoved an operator has set it, maybe back. */
  add(state: FinishedState, isMoved: boolean): void {
    // What was lost stays known until it is there again, however often the partition moves meanwhile.
    if (isMoved || !this.isAheadOf(state)) this.#state = state
  }
}

function isIn({ from, to }: OffsetRange, { next, finished }: FinishedState): boolean {
  let end = Math.max(from, next)
  for (const range of finished) if (range.from <= end && range.to > end) end = range.to
  return end >= to
}
