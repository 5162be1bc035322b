import type { Config } from '../../config/types.ts'
import type { Log } from '../../kernel/log.ts'
import type { Meters } from '../../observe/types.ts'
import { createLazyPool } from '../../sink/postgres/lazy-pool.ts'
import type { PostgresPool } from '../../sink/postgres/pool.ts'
import type { OwnMigrationOptions } from '../../sink/postgres/tables/migrations.ts'

type Overrides = Partial<Config['offsets']['postgres']>

/** The pool of the table of offsets; it connects when it is used. */
export function openOffsetsPool(
  { offsets }: Config,
  log: Log,
  over: Overrides = {},
  meters?: Pick<Meters, 'database'>,
): PostgresPool {
  const { urlFile = '', ...options } = { ...offsets.postgres, ...over }
  return createLazyPool({ ...options, urlFile }, log, 'offsets.postgres', meters)
}

export function offsetsMigration({ offsets }: Config): OwnMigrationOptions {
  return { folder: 'offsets', table: offsets.postgres.table }
}

/** Whether offsets that are kept in Kafka are written to a table, too. */
export function recordsOffsets({ offsets }: Config): boolean {
  return offsets.store === 'kafka' && offsets.record.every > 0
}

export function recordMigration({ offsets }: Config): OwnMigrationOptions {
  return { folder: 'recorded-offsets', table: offsets.record.table }
}

/** The sinks whose rows are in the transactions of the offsets. */
export function heldSinks({ offsets, sinks }: Config): ReadonlySet<string> {
  if (offsets.store !== 'postgres') return new Set()
  const { urlFile } = offsets.postgres
  return new Set(
    Object.entries(sinks).flatMap(([name, sink]) =>
      sink.type === 'postgres' && sink.urlFile === urlFile ? [name] : [],
    ),
  )
}

/** Whether letters are in them, too. With a fallback, a letter that is refused must go elsewhere. */
export function holdsLetters({ offsets, deadLetters }: Config): boolean {
  const { target, fallback, postgres } = deadLetters
  const isSame = target === 'postgres' && postgres.urlFile === offsets.postgres.urlFile
  return offsets.store === 'postgres' && isSame && fallback === 'none'
}
