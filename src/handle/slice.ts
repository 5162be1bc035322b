import type { Message } from '../decode/types.ts'
import { holdsOrder, type Outcome } from '../kernel/outcome.ts'
import type { AttemptLedger, Prepared } from './attempt-ledger.ts'
import { type RoundOptions, runBatches } from './call/batch-run.ts'
import { counted, type Result } from './call/combine.ts'
import type { HandlerInvoker } from './call/invoker.ts'
import { isOutcome } from './select/selection.ts'

type Answer = Outcome | 'untouched'

interface Work {
  /** Position in the round. */
  readonly index: number
  readonly message: Message
  readonly attempt: number
}

/**
 * One attempt at several records that share no event. Each handler works through them
 * independently, in order; batch handlers get batches. A record is finished when all its handlers
 * are. With `ordered`, no record behind one that needs another attempt is finished, but what its
 * handlers did is remembered. Never rejects.
 */
export async function runRound(
  ledger: AttemptLedger,
  round: ReadonlyArray<Prepared | Outcome>,
  options: RoundOptions,
): Promise<readonly Answer[]> {
  const { ordered } = options
  const work = workOf(round)
  const results: Result[][] = round.map(() => [])
  const untouched = new Set<number>()
  await Promise.all(
    [...work].map(async ([invoker, items]) => {
      const answers = await runHandler(invoker, items, options)
      for (const [position, { index }] of items.entries()) {
        const answer = answers[position] ?? 'untouched'
        if (answer === 'untouched') untouched.add(index)
        else results[index]?.push(counted(invoker, answer))
      }
    }),
  )
  let isCut = false
  return round.map((prepared, index) => {
    if (isOutcome(prepared)) return isCut ? 'untouched' : ledger.passed(prepared)
    const all = [...notCalled(prepared), ...(results[index] ?? [])]
    if (isCut || untouched.has(index)) {
      ledger.leave(prepared, all)
      isCut ||= ordered
      return 'untouched'
    }
    const outcome = ledger.close(prepared, all)
    isCut ||= ordered && holdsOrder(outcome)
    return outcome
  })
}

function workOf(round: ReadonlyArray<Prepared | Outcome>): Map<HandlerInvoker, Work[]> {
  const work = new Map<HandlerInvoker, Work[]>()
  for (const [index, prepared] of round.entries()) {
    if (isOutcome(prepared)) continue
    for (const [invoker, offered] of prepared.offers) {
      if (isOutcome(offered)) continue
      const items = work.get(invoker) ?? []
      items.push({ index, message: offered, attempt: prepared.attempt })
      work.set(invoker, items)
    }
  }
  return work
}

function notCalled({ offers }: Prepared): Result[] {
  return offers.flatMap(([invoker, offered]) =>
    isOutcome(offered) ? [{ invoker, outcome: offered, called: false }] : [],
  )
}

async function runHandler(
  invoker: HandlerInvoker,
  items: readonly Work[],
  options: RoundOptions,
): Promise<readonly Answer[]> {
  const { batch } = invoker.handler.definition
  if (batch !== undefined) return runBatches(invoker, batch.size, items, options)
  const { signal, ordered, progress } = options
  const call = async ({ message, attempt }: Work) => {
    const answer = await invoker.call(message, signal, attempt)
    progress()
    return answer
  }
  if (!ordered) return Promise.all(items.map(call))
  const answers: Answer[] = []
  for (const item of items) {
    // The partition has moved; its new owner handles the rest.
    if (signal.aborted) break
    const answer = await call(item)
    answers.push(answer)
    if (answer.kind === 'retry') break
  }
  return answers
}
