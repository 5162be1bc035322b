import type { EmbeddedPostgres } from '../../../dev/postgres/embedded-postgres.ts'
import { stateOf } from '../../../src/sink/postgres/server-errors.ts'
import { until } from '../../support/waiting.ts'
import { poolOf } from './postgres-table.ts'

/** Statements that take the same locks as what is tested, its first and its last one, and change nothing. */
export interface Locks {
  readonly first: string
  readonly last: string
}

/** Somebody else in the database, who is in the way of a role. */
export interface Rival {
  /** Holds the last lock and asks for the first one: a deadlock, which ends the role's transaction. */
  cross(locks: Locks, begin: () => unknown): Promise<void>
  /** Changes the first row, so that the role's transaction cannot be serialized behind it. */
  overtake(locks: Locks, begin: () => unknown): Promise<void>
  /** Holds the first lock, and has the server end the connection that waits for it. */
  cut(locks: Locks, begin: () => unknown): Promise<void>
  close(): Promise<void>
}

/**
 * A role whose transactions are those that the server breaks off: they look for a deadlock first, and see
 * nothing that was committed after they began. Returns its URL.
 */
export async function makeVictim(
  { url, urlFile }: EmbeddedPostgres,
  role: string,
): Promise<string> {
  const pool = poolOf(urlFile)
  try {
    await pool.query(`create role ${role} superuser login password '${role}'`)
    await pool.query(`alter role ${role} set deadlock_timeout = '200ms'`)
    await pool.query(`alter role ${role} set default_transaction_isolation = 'repeatable read'`)
  } finally {
    await pool.close()
  }
  const own = new URL(url)
  own.username = role
  own.password = role
  return own.href
}

export function createRival({ urlFile }: EmbeddedPostgres, role: string): Rival {
  const pool = poolOf(urlFile)
  const waiting = `from pg_stat_activity where usename = '${role}' and wait_event_type = 'Lock'`

  async function holding(
    lock: string,
    begin: () => unknown,
    then: (query: (text: string) => Promise<unknown>) => Promise<unknown>,
  ): Promise<void> {
    const { query, release } = await pool.begin()
    try {
      // Whoever waits that long was not seen in time: the test goes on, and tries again.
      await query(`set local deadlock_timeout = '3s'`)
      await query(lock)
      await begin()
      await until(
        async () => (await pool.query(`select count(*)::int as n ${waiting}`)).rows[0]?.n > 0,
        `${role} to wait for ${lock}`,
      )
      await then(query)
    } catch (error) {
      if (stateOf(error) !== '40P01') throw error
    } finally {
      release()
    }
  }

  return {
    cross: ({ first, last }, begin) => holding(last, begin, (query) => query(first)),
    overtake: ({ first }, begin) => holding(first, begin, (query) => query('commit')),
    cut: ({ first }, begin) =>
      holding(first, begin, () => pool.query(`select pg_terminate_backend(pid) ${waiting}`)),
    close: () => pool.close(),
  }
}
