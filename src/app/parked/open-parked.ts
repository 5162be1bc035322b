import type { Config } from '../../config/types.ts'
import type { Log } from '../../kernel/log.ts'
import type { Meters } from '../../observe/types.ts'
import { createLazyPool } from '../../sink/postgres/lazy-pool.ts'
import type { PostgresPool } from '../../sink/postgres/pool.ts'
import type { OwnMigrationOptions } from '../../sink/postgres/tables/migrations.ts'

/** The pool of the table of parked records; it connects when it is used. */
export function openParkedPool(
  { parked, offsets }: Config,
  log: Log,
  over: Partial<Config['parked']['postgres']> = {},
  meters?: Pick<Meters, 'database'>,
): PostgresPool {
  const isJoined = offsets.store === 'postgres'
  const { caFile = isJoined ? offsets.postgres.caFile : undefined, ...own } = parked.postgres
  const urlFile = own.urlFile ?? (isJoined ? offsets.postgres.urlFile : undefined) ?? ''
  return createLazyPool({ ...own, caFile, ...over, urlFile }, log, 'parked.postgres', meters)
}

export function parkedMigration({ parked }: Config): OwnMigrationOptions {
  return { folder: 'parked', table: parked.postgres.table }
}
