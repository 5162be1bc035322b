import type { Outcome } from '../../kernel/shapes/outcome.ts'
import type { Prepared } from '../attempt-ledger.ts'
import { isOutcome } from '../select/selection.ts'
import { counted, type Result } from './combine.ts'

/** Calls each handler that is due, all at once. @param close combines the results. */
export function callAll(
  { offers, attempt }: Prepared,
  signal: AbortSignal,
  close: (results: readonly Result[]) => Outcome | Promise<Outcome>,
): Outcome | Promise<Outcome> {
  const [only] = offers
  if (offers.length === 1 && only !== undefined) return callOne(only, signal, attempt, close)
  let isLater = false
  const results = offers.map(([invoker, offered]) => {
    if (isOutcome(offered)) return { invoker, outcome: offered, called: false }
    const outcome = invoker.call(offered, signal, attempt)
    if (!(outcome instanceof Promise)) return counted(invoker, outcome)
    isLater = true
    return outcome.then((later) => counted(invoker, later))
  })
  // Without a promise among them, the record needs no turn of the event loop.
  return isLater ? Promise.all(results).then(close) : close(results as Result[])
}

/** The same for a single handler, with one promise instead of three. */
function callOne(
  [invoker, offered]: Prepared['offers'][number],
  signal: AbortSignal,
  attempt: number,
  close: (results: readonly Result[]) => Outcome | Promise<Outcome>,
): Outcome | Promise<Outcome> {
  if (isOutcome(offered)) return close([{ invoker, outcome: offered, called: false }])
  const outcome = invoker.call(offered, signal, attempt)
  if (!(outcome instanceof Promise)) return close([counted(invoker, outcome)])
  return outcome.then((later) => close([counted(invoker, later)]))
}
