import type { Problem } from '../config/check/problems.ts'
import type { LoadResult } from '../config/load/load.ts'
import { createReload } from '../config/load/reload.ts'
import type { Config } from '../config/types.ts'
import type { Log } from '../kernel/log.ts'
import type { LogLevel } from '../kernel/log-events/chapter.ts'
import type { Unit } from './create-unit.ts'
import { unitsOf } from './units.ts'

/** The source of the configuration, if changes are applied while the service runs. */
export interface ConfigSource {
  /** Absolute path of the watched file. */
  readonly file: string
  /** Warnings of the first load. */
  readonly warnings: readonly Problem[]
  /** Loads it again, exactly as at the start. */
  load(): LoadResult
  setLogLevel(level: LogLevel): void
}

export interface LiveParts {
  /** The configuration at the start. */
  readonly config: Config
  readonly units: readonly Unit[]
  /** The program passes a handler of its own. */
  readonly embedded: boolean
  readonly log: Log
}

/** Passes changed settings to the parts that can apply them while the service runs. */
export function createLiveConfig(
  source: ConfigSource,
  { config, units, embedded, log }: LiveParts,
) {
  const { warnings, load, setLogLevel } = source
  const rates = units.map((unit) => unit.config.processing.maxRecordsPerSecond)
  return createReload({
    started: config,
    warnings,
    load,
    log,
    async prepare(next) {
      const changes = unitsOf(next, embedded).map(({ config }) => config)
      const prepared = units.map(async ({ handling, engine }, index) => {
        const { processing, retry } = changes[index] ?? next
        const applyFilters = await handling.prepareFilters(changes[index] ?? next)
        return () => {
          applyFilters()
          const { concurrency, maxRecordsPerSecond } = processing
          // A new rate limit starts from an empty bucket, so it is set only when the rate differs.
          const isNewRate = rates[index] !== maxRecordsPerSecond
          rates[index] = maxRecordsPerSecond
          engine.configure({ concurrency, retry, ...(isNewRate && { maxRecordsPerSecond }) })
        }
      })
      const applies = await Promise.all(prepared)
      return () => {
        for (const apply of applies) apply()
        setLogLevel(next.log.level)
      }
    },
  })
}
