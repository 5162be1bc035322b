import type { Problem } from '../config/check/problems.ts'
import type { LoadResult } from '../config/load/load.ts'
import { createReload } from '../config/load/reload.ts'
import type { Config } from '../config/types.ts'
import type { Log } from '../kernel/log.ts'
import type { LogLevel } from '../kernel/log-events/chapter.ts'
import { flowOptions } from './room-options.ts'
import type { Unit } from './units/create-unit.ts'
import { unitsOf } from './units/units.ts'

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

/**
 * Passes a changed configuration to the rooms that read some of it at each use. Each replaces its
 * options as a whole: only live keys (config/schema/) differ from those at the start.
 */
export function createLiveConfig(
  source: ConfigSource,
  { config, units, embedded, log }: LiveParts,
) {
  const { warnings, load, setLogLevel } = source
  return createReload({
    started: config,
    warnings,
    load,
    log,
    async prepare(next) {
      const configs = unitsOf(next, embedded).map((unit) => unit.config)
      const applies = await Promise.all(
        units.map(async ({ handling, engine }, index) => {
          const own = configs[index] ?? next
          const applyHandling = await handling.prepare(own)
          return () => {
            applyHandling()
            engine.configure(flowOptions(own))
          }
        }),
      )
      return () => {
        for (const apply of applies) apply()
        setLogLevel(next.log.level)
      }
    },
  })
}
