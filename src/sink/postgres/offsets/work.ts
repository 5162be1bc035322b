import { codeOf, messageOf } from '../../../kernel/errors.ts'
import { withDeadline } from '../../../kernel/lifecycle.ts'
import type { HeldWork, TransactionQuery } from '../../../kernel/shapes/held-write.ts'
import { refused } from '../rows/cell.ts'

/**
 * SQLSTATEs of a statement whose text or values the server will never accept. What is missing, such
 * as a table, a column or a right, may still come.
 */
const MISTAKES =
  /^(0A000|08P01|(21|22|23|44|54|P0)[0-9A-Z]{3}|42(?!P01|501|703|704|883)[0-9A-Z]{3})$/

/** The offset is in the same transaction, so only its owner ends it. Savepoints are free to use. */
const ENDS_IT =
  /^\s*(begin|start\s+transaction|commit|end|abort|rollback(?!.*\bto\b)|prepare\s+transaction)\b/i

const NOT_ALLOWED = new Error(
  'the service begins and ends the transaction, because the offset is in it: throw to refuse the message',
)

/**
 * Runs the statements of a handler's `context.transaction`. Rejects with the first error of the
 * database, whatever the function makes of it: the transaction cannot be committed after it. A
 * mistaken statement, and what else the function throws, is the fault of its record: the records
 * beside it in the transaction must not wait for it.
 * @param timeout milliseconds
 */
export async function runWork(
  { handler, run }: HeldWork,
  query: TransactionQuery,
  timeout: number,
): Promise<void> {
  let isOver = false
  let problem: { readonly error: unknown } | null = null
  const faultOf = (error: unknown) =>
    refused(`context.transaction of ${handler}: ${messageOf(error)}`, error)
  const running = new Set<Promise<unknown>>()
  const guarded: TransactionQuery = (text, values = []) => {
    if (isOver) return Promise.reject(new Error('the transaction is over: await every query'))
    const result = sent(text, values)
    running.add(result)
    // Also if the function does not await it: its error is that of the work.
    const ended = () => running.delete(result)
    result.then(ended, ended)
    return result
  }
  const sent: TransactionQuery = async (text, values) => {
    try {
      if (ENDS_IT.test(text)) throw NOT_ALLOWED
      return await query(text, values)
    } catch (error) {
      const isMistake = error === NOT_ALLOWED || MISTAKES.test(codeOf(error))
      problem ??= { error: isMistake ? faultOf(error) : error }
      throw error
    }
  }
  const work = async () => {
    await run(guarded)
    isOver = true
    // What was not awaited is part of the transaction, too.
    await Promise.allSettled(running)
  }
  try {
    await withDeadline(work(), timeout, 'It')
  } catch (error) {
    isOver = true
    // One that the database holds up says itself whose fault it is; the others wait behind it.
    const [first] = running
    await first?.catch(() => {})
    problem ??= { error: faultOf(error) }
  }
  if (problem !== null) throw (problem as { readonly error: unknown }).error
}
