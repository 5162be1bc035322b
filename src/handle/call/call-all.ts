import type { Outcome } from '../../kernel/shapes/outcome.ts'
import type { Prepared } from '../attempt-ledger.ts'
import { isOutcome } from '../select/selection.ts'
import { counted, type Result } from './combine.ts'

/** Combines the results of the handlers. */
type Close = (prepared: Prepared, results: readonly Result[]) => Outcome | Promise<Outcome>

/** Calls each handler that is due, all at once. */
export function callAll(
  prepared: Prepared,
  signal: AbortSignal,
  close: Close,
): Outcome | Promise<Outcome> {
  const { offers, attempt } = prepared
  const [only] = offers
  if (offers.length === 1 && only !== undefined) {
    // One promise for all that follows, where there are several for several handlers.
    const [invoker, offered] = only
    if (isOutcome(offered)) return close(prepared, [{ invoker, outcome: offered, called: false }])
    return invoker.call(offered, signal, attempt, (outcome) =>
      close(prepared, [counted(invoker, outcome)]),
    )
  }
  const results = offers.map(([invoker, offered]) =>
    isOutcome(offered)
      ? { invoker, outcome: offered, called: false }
      : invoker.call(offered, signal, attempt, (outcome) => counted(invoker, outcome)),
  )
  // Without a promise among them, the record needs no turn of the event loop.
  const isLater = results.some((result) => result instanceof Promise)
  if (!isLater) return close(prepared, results as Result[])
  return Promise.all(results).then((all) => close(prepared, all))
}
