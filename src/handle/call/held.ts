import type { HeldWrite } from '../../kernel/shapes/held-write.ts'
import type { Outcome } from '../../kernel/shapes/outcome.ts'
import { withOne } from '../../kernel/with-one.ts'

type Writes = readonly HeldWrite[] | null

/** The outcome with what its call wants written. Of a call that is made again, nothing is. */
export function withWrites(outcome: Outcome, writes: Writes): Outcome {
  if (writes === null || writes.length === 0 || isAgain(outcome)) return outcome
  return { ...outcome, writes }
}

/** The handler gets the record once more. */
export function isAgain({ kind }: Outcome): boolean {
  return kind === 'retry' || kind === 'later'
}

/** The same for a batch: each of its messages with its own. @param offsets of the messages */
export function withWritesOfBatch(
  outcomes: Outcome | readonly Outcome[],
  writes: Writes,
  offsets: readonly number[],
): Outcome | readonly Outcome[] {
  if (writes === null) return outcomes
  // It is handed over again in halves.
  if ('kind' in outcomes && outcomes.kind !== 'ok' && outcomes.kind !== 'skip') {
    return offsets.length === 1 ? withWrites(outcomes, writes) : outcomes
  }
  const own = shareOut(writes, offsets)
  return offsets.map((offset, index) =>
    withWrites('kind' in outcomes ? outcomes : (outcomes[index] ?? NO_ANSWER), own(offset)),
  )
}

const NO_ANSWER: Outcome = { kind: 'ok' }

/** The writes of each message: one list for all if none says which message it is for. */
function shareOut(
  writes: readonly HeldWrite[],
  offsets: readonly number[],
): (offset: number) => Writes {
  if (writes.every((write) => write.offsets === offsets)) return () => writes
  const own = new Map<number, HeldWrite[]>()
  for (const write of writes) {
    for (const offset of write.offsets) own.set(offset, withOne(own.get(offset), write))
  }
  return (offset) => own.get(offset) ?? null
}
