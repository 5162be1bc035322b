import type { Log } from '../../../kernel/log.ts'
import type { PostgresPool } from '../pool.ts'
import { createMigrations, type MigrationOptions } from './migrations.ts'

/** Brings a table up to date at the first call; after a failure, the next call tries again. */
export function createMigrateOnce(
  options: MigrationOptions,
  pool: PostgresPool,
  log: Log,
): () => Promise<void> {
  const { table } = options
  let done: Promise<void> | null = null

  async function migrate(): Promise<void> {
    for (const { name } of await createMigrations(options, pool).apply()) {
      const text = `${table}: ${name} is applied`
      log.info({ event: 'postgres.migrated', table, migration: name }, text)
    }
  }

  return () => {
    done ??= migrate().catch((error) => {
      done = null
      throw error
    })
    return done
  }
}
