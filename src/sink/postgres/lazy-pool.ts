import type { PostgresPool } from './pool.ts'

/** A pool that is opened when it is needed first: its client takes memory. */
export function createLazyPool(open: () => Promise<PostgresPool>): PostgresPool {
  let opened: Promise<PostgresPool> | null = null
  const pool = () => {
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
