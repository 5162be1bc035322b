import type { Log } from '../../kernel/log.ts'
import type { DatabaseMeter } from '../../observe/types.ts'
import type { PostgresOptions, PostgresPool } from './pool.ts'

/** As `createPostgresPool`, loaded when it is needed first: its client takes memory. */
export function createLazyPool(
  options: PostgresOptions,
  log: Log,
  section: string,
  meter?: DatabaseMeter,
): PostgresPool {
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
