import type { Log } from '../../kernel/log.ts'
import type { Meters } from '../../observe/types.ts'
import type { PostgresOptions, PostgresPool } from './pool.ts'

/**
 * As `createPostgresPool`, loaded when it is needed first: its client takes memory.
 * @param meters absent: of a command
 */
export function createLazyPool(
  options: PostgresOptions,
  log: Log,
  section: string,
  meters?: Pick<Meters, 'database'>,
): PostgresPool {
  const meter = meters?.database(section)
  let opened: Promise<PostgresPool> | null = null

  async function open(): Promise<PostgresPool> {
    const { createPostgresPool } = await import('./pool.ts')
    return createPostgresPool(options, log, section, meter)
  }

  function pool(): Promise<PostgresPool> {
    opened ??= open()
    return opened
  }

  return {
    query: async (text, values) => (await pool()).query(text, values),
    transact: async (work) => (await pool()).transact(work),
    begin: async () => (await pool()).begin(),
    async close() {
      await (await opened)?.close()
    },
  }
}
