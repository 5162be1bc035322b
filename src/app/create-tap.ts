import { parseFilter } from '../config/load/parse-filter.ts'
import type { Config } from '../config/types.ts'
import { compileFilter } from '../handle/select/event-filter.ts'
import type { Tap } from '../handle/tap.ts'
import type { TapSource } from '../http/api/tap.ts'
import type { Meters } from '../observe/types.ts'

const IN_WORKERS =
  'worker threads handle the records, and the tap sees only those of the main thread: set processing.workers to 0'

/** What the API can show of the records that are handled; null: `http.tap` is off, or there is no token. */
export function createTapSource(
  { http, admin }: Pick<Config, 'http' | 'admin'>,
  tap: Tap,
  meters: Pick<Meters, 'workers'>,
): TapSource | null {
  if (!http.tap || (admin.tokenFile ?? admin.readTokenFile) === undefined) return null
  return {
    hidesValues: !http.tapValues,
    problem: () => (meters.workers.inWorkers === 1 ? IN_WORKERS : null),
    filter(text) {
      const rules = parseFilter(text)
      return typeof rules === 'string' ? rules : { filter: compileFilter(rules, null) }
    },
    join: (wish, show) => tap.join(wish, show),
  }
}
