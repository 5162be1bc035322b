import { codeOf, messageOf, OccError } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'
import { Repeats } from '../kernel/time/repeats.ts'
import type { Meters, StrayCounts } from '../observe/types.ts'
import type { Handling } from './create-handling.ts'

/** Lines a minute for each kind. */
const MAX_LINES = 30

export interface UncaughtParts {
  readonly handling: Pick<Handling, 'stray' | 'inFlight'>
  readonly meters: Meters
  readonly log: Log
}

/**
 * Decides, in the thread where it happened, what follows an uncaught error. null: the service
 * continues. An error started by a handler unwinds only the handler's own callback, and a rejection
 * only one async function. An exception of unknown origin may have interrupted the service halfway
 * through something, so the returned error ends it.
 */
export function createUncaught({ handling, meters, log }: UncaughtParts) {
  const repeats = new Repeats(MAX_LINES)
  return (kind: keyof StrayCounts, error: unknown): OccError | null => {
    if (handling.stray(kind, error)) return null
    meters.process.strays[kind] += 1
    const inFlight = handling.inFlight()
    if (repeats.next(kind, performance.now()) !== null) {
      log.error(
        { event: 'service.uncaught', kind, code: codeOf(error), inFlight, error },
        `Uncaught error of unknown origin: ${messageOf(error)}`,
      )
    }
    if (kind === 'rejection') return null
    const records = inFlight.length === 0 ? '' : ` In flight: ${inFlight.join(', ')}.`
    return new OccError(
      'OCC_UNCAUGHT',
      `Uncaught error ends the service: ${messageOf(error)}.${records} Finished records are committed first. ` +
        'Remedy: report it with its stack (event service.uncaught); if it recurs at the same record, set processing.workers to 1.',
      { cause: error },
    )
  }
}
