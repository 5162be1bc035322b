import { messageOf } from '../../../kernel/errors.ts'
import type { HeldWork, TransactionQuery } from '../../../kernel/held-write.ts'
import { withDeadline } from '../../../kernel/lifecycle.ts'
import { refused } from '../rows/cell.ts'

/**
 * Runs the statements of a handler's `context.transaction`. Rejects with the first error of the
 * database, whatever the function makes of it: the transaction cannot be committed after it. What
 * else the function throws is the fault of its record.
 * @param timeout milliseconds
 */
export async function runWork(
  { handler, run }: HeldWork,
  query: TransactionQuery,
  timeout: number,
): Promise<void> {
  let isOver = false
  let problem: { readonly error: unknown } | null = null
  const guarded: TransactionQuery = async (text, values = []) => {
    if (isOver) throw new Error('the transaction is over: await every query')
    try {
      return await query(text, values)
    } catch (error) {
      problem ??= { error }
      throw error
    }
  }
  try {
    await withDeadline((async () => run(guarded))(), timeout, 'It')
  } catch (error) {
    problem ??= { error: refused(`context.transaction of ${handler}: ${messageOf(error)}`, error) }
  } finally {
    isOver = true
  }
  if (problem !== null) throw (problem as { readonly error: unknown }).error
}
