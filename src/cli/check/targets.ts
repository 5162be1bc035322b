import { openOffsetsPool, recordsOffsets } from '../../app/offsets/open-offsets-pool.ts'
import { openParkedPool } from '../../app/parked/open-parked.ts'
import { createDeadLetterTarget } from '../../app/sinks/create-dead-letters.ts'
import { createSinks } from '../../app/sinks/create-sinks.ts'
import type { Config, SinkConfig } from '../../config/types.ts'
import { codeOf } from '../../kernel/errors.ts'
import { silentLog } from '../../kernel/log.ts'
import { systemClock } from '../../kernel/time/clock.ts'
import { checkRecordTable } from '../../sink/postgres/offsets/recording.ts'
import { checkOffsetTable } from '../../sink/postgres/offsets/statements.ts'
import { checkParkedTable } from '../../sink/postgres/parked/table.ts'
import type { PostgresPool } from '../../sink/postgres/pool.ts'
import { describeProblem } from '../run/failure.ts'

/** Problems of the dead-letter target. The service starts anyway; records that need it wait. */
export async function letterProblems(config: Config): Promise<readonly string[]> {
  const target = createDeadLetterTarget(config, { clock: systemClock, log: silentLog })
  try {
    await target.check()
    return []
  } catch (error) {
    return [`Dead letters: ${describeProblem(error)}`]
  } finally {
    await target.close()
  }
}

/** The same of the sinks, one line each. */
export async function sinkProblems(config: Config): Promise<readonly string[]> {
  const sinks = createSinks(withoutMigrations(config), silentLog)
  const found = await sinks.check()
  await sinks.close()
  const problems = found.flatMap(({ sink, error }) =>
    isMadeAtStart(config.sinks[sink], error) ? [] : [`Sink ${sink}: ${describeProblem(error)}`],
  )
  return [...problems, ...(await offsetProblems(config)), ...(await parkedProblems(config))]
}

/** The table of offsets, if the service needs one: without it no partition begins. */
async function offsetProblems(config: Config): Promise<readonly string[]> {
  const { store, postgres, record } = config.offsets
  if (recordsOffsets(config)) {
    const recorded = { table: record.table, migrate: postgres.migrate }
    const pool = openOffsetsPool(config, silentLog)
    return tableProblems('Recorded offsets', pool, checkRecordTable, recorded)
  }
  if (store !== 'postgres') return []
  return tableProblems('Offsets', openOffsetsPool(config, silentLog), checkOffsetTable, postgres)
}

/** The table of parked records, if there is to be one. */
async function parkedProblems(config: Config): Promise<readonly string[]> {
  const { store, postgres } = config.parked
  if (store === 'none') return []
  const pool = openParkedPool(config, silentLog)
  return tableProblems('Parked records', pool, checkParkedTable, postgres)
}

/** Closes the pool. A table that the service makes at its start need not be there. */
async function tableProblems(
  name: string,
  pool: PostgresPool,
  check: (pool: PostgresPool, table: string) => Promise<unknown>,
  { table, migrate }: { readonly table: string; readonly migrate: boolean },
): Promise<readonly string[]> {
  try {
    await check(pool, table)
    return []
  } catch (error) {
    if (migrate && codeOf(error) === 'OCC_POSTGRES_TABLE') return []
    return [`${name}: ${describeProblem(error)}`]
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
