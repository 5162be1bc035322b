import type { DeadLetter } from '../kernel/shapes/dead-letter.ts'
import type { Meters } from '../observe/types.ts'

/** Counts a letter that is kept, by its error, and for its handlers. */
export function countLetter(
  meters: Pick<Meters, 'topic' | 'handlers'>,
  { record, error, handler }: Pick<DeadLetter, 'record' | 'error' | 'handler'>,
): void {
  meters.topic(record.topic).failedRecords.count(error.code)
  for (const name of handler?.split(',') ?? []) {
    // Only of handlers that there are: a redriven record's header may name any.
    const meter = meters.handlers.get(name)
    if (meter !== undefined) meter.outcomes.dead += 1
  }
}
