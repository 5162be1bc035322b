import { sleep } from '../../kernel/lifecycle.ts'
import type { DatabaseMeter } from '../../observe/types.ts'
import { stateOf } from './server-errors.ts'

const ATTEMPTS = 20
/** Milliseconds; times the number of the attempt. */
const PAUSE = 20

/**
 * Runs a transaction, again while the server asks for it: after a deadlock or a serialization failure.
 * Rejects with the error of the last one.
 */
export async function runAgain<Result>(
  transaction: () => Promise<Result>,
  { retries }: DatabaseMeter,
): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await transaction()
    } catch (error) {
      const state = stateOf(error)
      if (attempt === ATTEMPTS || (state !== '40P01' && state !== '40001')) throw error
      retries[state] += 1
      // At random, so that the two do not meet again.
      await sleep(Math.random() * PAUSE * attempt)
    }
  }
}
