import { codeOf, messageOf, OccError } from '../kernel/errors.ts'
import { createLineLimit } from '../kernel/line-limit.ts'
import type { Log } from '../kernel/log.ts'
import type { Meters, StrayCounts } from '../observe/types.ts'
import type { Handling } from './create-handling.ts'

export interface UncaughtParts {
  readonly handling: Pick<Handling, 'stray' | 'inFlight'>
  readonly meters: Meters
  readonly log: Log
}

/**
 * What follows an error that nobody caught, told by the thread it was in. null: the service goes on.
 * An error that a handler began has unwound nothing but the handler's own callback, and a rejection
 * nothing but one async function. An exception of unknown origin may have cut the service short in
 * the middle of something: then this is what ends it.
 */
export function createUncaught({ handling, meters, log }: UncaughtParts) {
  const mayBeSaid = createLineLimit()
  return (kind: keyof StrayCounts, error: unknown): OccError | null => {
    if (handling.stray(kind, error)) return null
    meters.process.strays[kind] += 1
    const inFlight = handling.inFlight()
    if (mayBeSaid(kind)) {
      log.error(
        { event: 'service.uncaught', kind, code: codeOf(error), inFlight, error },
        `An error that nobody caught, of no handler that is known: ${messageOf(error)}`,
      )
    }
    if (kind === 'rejection') return null
    const records = inFlight.length === 0 ? '' : ` In hand then: ${inFlight.join(', ')}.`
    return new OccError(
      'OCC_UNCAUGHT',
      `The service ends by an error that nobody caught: ${messageOf(error)}.${records} What is finished is committed first. ` +
        'Remedy: report it with its stack (event service.uncaught); where it comes again at the same record, set processing.workers to 1.',
      { cause: error },
    )
  }
}
