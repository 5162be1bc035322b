import type { WantedPart } from '../../broker/reading/log-places.ts'
import type { Raw } from '../../config/load/layers.ts'
import type { Place } from '../../kernel/text/place.ts'
import { type Flags, numberOf, objectOf, usageError } from '../arguments.ts'
import { partOf, placeOf } from '../records/place.ts'
import type { readFlags } from './flags.ts'

export type Form = 'text' | 'json' | 'value' | 'raw'

export interface ReadSettings {
  readonly parts: readonly WantedPart[]
  /** null: there is no end. */
  readonly until: Place | null
  readonly count: number
  readonly filter: Raw | undefined
  readonly grep: string | undefined
  readonly form: Form
  readonly events: boolean
}

/** Throws OCC_USAGE. @param now milliseconds since the epoch; ages count back from it */
export function readSettings(
  places: readonly string[],
  flags: Flags<typeof readFlags>,
  now: number,
): ReadSettings {
  if (flags.follow !== undefined && flags.until !== undefined) {
    throw usageError('--follow has no end, so --until cannot be given with it')
  }
  const forms = (['json', 'value', 'raw'] as const).filter((form) => flags[form] !== undefined)
  const [form = 'text', other] = forms
  if (other !== undefined) throw usageError(`--${form} and --${other} exclude each other; give one`)
  if (flags.events !== undefined && form !== 'json') {
    throw usageError('--events belongs to --json; add it, or leave --events out')
  }
  return {
    parts: places.map((each) => partOf(each, now)),
    until: flags.follow === undefined ? placeOf('--until', flags.until ?? 'end', now) : null,
    count:
      flags.count === undefined
        ? Number.POSITIVE_INFINITY
        : numberOf('--count', flags.count, { min: 1, integer: true }),
    filter: objectOf('--filter', flags.filter),
    grep: flags.grep,
    form,
    events: flags.events !== undefined,
  }
}
