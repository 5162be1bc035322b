import { createDeadLetterTarget } from '../../app/create-dead-letters.ts'
import { createSinks } from '../../app/create-sinks.ts'
import { openOffsetsPool } from '../../app/open-offsets-pool.ts'
import type { Config, SinkConfig } from '../../config/types.ts'
import { systemClock } from '../../kernel/clock.ts'
import { codeOf } from '../../kernel/errors.ts'
import { silentLog } from '../../kernel/log.ts'
import { checkOffsetTable } from '../../sink/postgres/offsets/statements.ts'
import { describeProblem } from '../run/failure.ts'

/**
 * Problems of the dead-letter target and the sinks, one line each. The service starts anyway;
 * records that need them wait.
 */
export async function targetProblems(config: Config): Promise<readonly string[]> {
  const problems: string[] = []
  const target = createDeadLetterTarget(config, { clock: systemClock, log: silentLog })
  await target.check().catch((error) => problems.push(`Dead letters: ${describeProblem(error)}`))
  await target.close()
  const sinks = createSinks(withoutMigrations(config), silentLog)
  for (const { sink, error } of await sinks.check()) {
    if (!isMadeAtStart(config.sinks[sink], error)) {
      problems.push(`Sink ${sink}: ${describeProblem(error)}`)
    }
  }
  await sinks.close()
  problems.push(...(await offsetProblems(config)))
  return problems
}

/** The table of offsets, if the service needs one: without it no partition begins. */
async function offsetProblems(config: Config): Promise<readonly string[]> {
  const { store, postgres } = config.offsets
  if (store !== 'postgres') return []
  const pool = openOffsetsPool(config, silentLog)
  try {
    await checkOffsetTable(pool, postgres.table)
    return []
  } catch (error) {
    if (postgres.migrate && codeOf(error) === 'OCC_POSTGRES_TABLE') return []
    return [`Offsets: ${describeProblem(error)}`]
  } finally {
    await pool.close()
  }
}

/** A check changes nothing. */
function withoutMigrations(config: Config): Config {
  const sinks = Object.entries(config.sinks).map(
    ([name, sink]) =>
      [name, sink.type === 'postgres' ? { ...sink, migrate: false } : sink] as const,
  )
  return { ...config, sinks: Object.fromEntries(sinks) }
}

/** Whether the service itself will make the table that is missing. */
function isMadeAtStart(sink: SinkConfig | undefined, error: unknown): boolean {
  return sink?.type === 'postgres' && sink.migrate && codeOf(error) === 'OCC_POSTGRES_TABLE'
}
