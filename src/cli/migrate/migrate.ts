import {
  offsetsMigration,
  openOffsetsPool,
  recordMigration,
  recordsOffsets,
} from '../../app/offsets/open-offsets-pool.ts'
import { openParkedPool, parkedMigration } from '../../app/parked/open-parked.ts'
import { migrationOptions, openPostgresPool } from '../../app/sinks/open-postgres-sink.ts'
import type { Config } from '../../config/types.ts'
import { silentLog } from '../../kernel/log.ts'
import type { PostgresPool } from '../../sink/postgres/pool.ts'
import {
  createMigrations,
  type Migration,
  type MigrationOptions,
} from '../../sink/postgres/tables/migrations.ts'
import type { Flags } from '../arguments.ts'
import { withConfig } from '../config-file.ts'
import { describeProblem } from '../run/failure.ts'
import type { Io } from '../terminal/io.ts'
import type { migrateFlags } from './flags.ts'

/** Milliseconds: an index of a large table takes its time. */
const STATEMENT_TIMEOUT = 3_600_000

/** Exit code 0 if every table is, or with `--yes` now is, up to date or only waits for `--yes`. */
export async function migrate(flags: Flags<typeof migrateFlags>, io: Io): Promise<number> {
  const isDryRun = flags.yes === undefined
  return withConfig({ file: flags.config, env: io.env }, async ({ config, noFile }) => {
    const tables = tablesOf(config)
    if (tables.length > 0) return migrateAll(tables, isDryRun, io)
    const text =
      'No sink has the key events, neither offsets.store nor parked.store is postgres, and offsets.record.every is 0s: there is no table to make (docs/postgres.md).'
    io.stderr.write(`${[text, ...(noFile === null ? [] : [noFile])].join(' ')}\n`)
    return 0
  })
}

async function migrateAll(tables: readonly Table[], isDryRun: boolean, io: Io): Promise<number> {
  let failed = 0
  let left = 0
  for (const { name, open, options } of tables) {
    try {
      const steps = await run(open(), options, isDryRun)
      left += isDryRun ? steps.length : 0
      io.stdout.write(reportOf(name, options.table, steps, isDryRun))
    } catch (error) {
      failed += 1
      io.stderr.write(`${name}: ${describeProblem(error)}\n`)
    }
  }
  if (left > 0) io.stdout.write('\n-- Nothing was changed: --yes runs this.\n')
  return failed === 0 ? 0 : 1
}

interface Table {
  /** For people. */
  readonly name: string
  readonly options: MigrationOptions
  open(): PostgresPool
}

function tablesOf(config: Config): Table[] {
  const statementTimeout = STATEMENT_TIMEOUT
  const ofSinks = Object.entries(config.sinks).flatMap(([name, sink]): Table[] => {
    const options = sink.type === 'postgres' ? migrationOptions(sink) : null
    if (sink.type !== 'postgres' || options === null) return []
    const open = () => openPostgresPool(name, { ...sink, statementTimeout }, silentLog)
    return [{ name: `Sink ${name}`, options, open }]
  })
  const ofOffsets = {
    ...{ name: 'Offsets', options: offsetsMigration(config) },
    open: () => openOffsetsPool(config, silentLog, { statementTimeout }),
  }
  const ofRecorded = {
    ...{ name: 'Recorded offsets', options: recordMigration(config) },
    open: () => openOffsetsPool(config, silentLog, { statementTimeout }),
  }
  const ofParked = {
    ...{ name: 'Parked records', options: parkedMigration(config) },
    open: () => openParkedPool(config, silentLog, { statementTimeout }),
  }
  return [
    ...ofSinks,
    ...(config.offsets.store === 'postgres' ? [ofOffsets] : []),
    ...(recordsOffsets(config) ? [ofRecorded] : []),
    ...(config.parked.store === 'postgres' ? [ofParked] : []),
  ]
}

async function run(
  pool: PostgresPool,
  options: MigrationOptions,
  isDryRun: boolean,
): Promise<readonly Migration[]> {
  try {
    const { pending, apply } = createMigrations(options, pool)
    return isDryRun ? await pending() : await apply()
  } finally {
    await pool.close()
  }
}

/** In a dry run SQL that psql would run: what else is said is a comment. */
function reportOf(
  name: string,
  table: string,
  steps: readonly Migration[],
  isDryRun: boolean,
): string {
  const head = `${name}, table ${table}:`
  if (!isDryRun) {
    const done = steps.map((step) => `  applied ${step.name}\n`).join('')
    return `${head}${done === '' ? ' up to date\n' : `\n${done}`}`
  }
  if (steps.length === 0) return `-- ${head} up to date\n`
  return `-- ${head}\n\n${steps.map((step) => `-- ${step.name}\n${step.sql}\n`).join('\n')}`
}
