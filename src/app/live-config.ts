import type { Problem } from '../config/check/problems.ts'
import type { LoadResult } from '../config/load/load.ts'
import { createReload } from '../config/load/reload.ts'
import type { Config } from '../config/types.ts'
import type { Engine } from '../flow/engine.ts'
import type { Log } from '../kernel/log.ts'
import type { LogLevel } from '../observe/types.ts'
import type { Handling } from './create-handling.ts'

/** Where the configuration came from, if a change of it shall count while the service runs. */
export interface ConfigSource {
  /** Absolute path of the file that is looked at. */
  readonly file: string
  /** Of the start. */
  readonly warnings: readonly Problem[]
  /** Reads it again, as at the start. */
  load(): LoadResult
  setLogLevel(level: LogLevel): void
}

export interface LiveParts {
  /** Of the start. */
  readonly config: Config
  readonly handling: Pick<Handling, 'prepareFilters'>
  readonly engine: Pick<Engine, 'configure'>
  readonly log: Log
}

/** Hands the settings that may change while the service runs to the parts that use them. */
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
          // A new rate begins with an empty account, so only where it is another one.
          ...(keys.has('processing.maxRecordsPerSecond') && { maxRecordsPerSecond }),
        })
        setLogLevel(next.log.level)
      }
    },
  })
}
