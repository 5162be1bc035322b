import { setImmediate } from 'node:timers/promises'
import { OccError } from '../../kernel/errors.ts'
import { formatCount } from '../../kernel/text/figures.ts'
import type { Reading } from '../../sink/dead-letters/types.ts'

/** Letters of which a store holds something in memory: some 50 MB. */
const MOST = 50_000
/** Milliseconds after which a reading gives the event loop to the service. */
const TURN = 5

export interface Budget {
  readonly goesOn: NonNullable<Reading['goesOn']>
  /** Why the reading was ended; null: it was not. */
  readonly cut: string | null
}

/** How far a service reads dead letters beside its work. @param time Milliseconds */
export function createBudget(time: number, signal?: AbortSignal): Budget {
  const started = performance.now()
  let turn = started
  let cut: string | null = null
  return {
    get cut() {
      return cut
    },
    async goesOn(held) {
      const now = performance.now()
      if (now - turn > TURN) {
        await setImmediate()
        turn = performance.now()
      }
      if (held > MOST) cut = `there are more than ${formatCount(MOST)}`
      else if (now - started > time) cut = `they take more than ${time / 1000} s to read`
      return cut === null && signal?.aborted !== true
    },
  }
}

/** For work that must know every letter: rejects with OCC_DEAD_LETTERS_MANY. */
export function allOrNothing(budget: Budget): Budget['goesOn'] {
  return async (held) => {
    const goesOn = await budget.goesOn(held)
    if (budget.cut === null) return goesOn
    throw new OccError(
      'OCC_DEAD_LETTERS_MANY',
      `Too many dead letters for a pod beside its work: ${budget.cut}. Use the command onchain-consumer dlq, which is a process of its own.`,
    )
  }
}
