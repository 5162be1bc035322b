import { sleep } from '../../kernel/lifecycle.ts'
import { stateOf } from './server-errors.ts'

/** Deadlocks and serialization failures: the server asks for the same transaction again. */
const AGAIN: ReadonlySet<string> = new Set(['40P01', '40001'])
const ATTEMPTS = 20
/** Milliseconds; times the number of the attempt. */
const PAUSE = 20

/** Runs a transaction, again while the server asks for it. Rejects with the error of the last one. */
export async function runAgain<Result>(transaction: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await transaction()
    } catch (error) {
      if (attempt === ATTEMPTS || !AGAIN.has(stateOf(error))) throw error
      // At random, so that the two do not meet again.
      await sleep(Math.random() * PAUSE * attempt)
    }
  }
}
