import type { Problem } from '../config/check/problems.ts'
import type { LoadResult } from '../config/load/load.ts'
import { createReload } from '../config/load/reload.ts'
import type { Config } from '../config/types.ts'
import type { Engine } from '../flow/engine.ts'
import type { Log } from '../kernel/log.ts'
import type { LogLevel } from '../kernel/log-events/chapter.ts'
import type { Handling } from './create-handling.ts'

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
  readonly handling: Pick<Handling, 'prepareFilters'>
  readonly engine: Pick<Engine, 'configure'>
  readonly log: Log
}

/** Passes changed settings to the parts that can apply them while the service runs. */
export function createLiveConfig(
  source: ConfigSource,
  { config, handling, engine, log }: LiveParts,
) {
  const { warnings, load, setLogLevel } = source
  return createReload({
    started: config,
    warnings,
    load,
    log,
    async prepare(next, keys) {
      const { concurrency, maxRecordsPerSecond } = next.processing
      const applyFilters = await handling.prepareFilters(next)
      return () => {
        applyFilters()
        engine.configure({
          concurrency,
          retry: next.retry,
          // A new rate limit starts from an empty bucket, so it is set only when the rate differs.
          ...(keys.has('processing.maxRecordsPerSecond') && { maxRecordsPerSecond }),
        })
        setLogLevel(next.log.level)
      }
    },
  })
}
