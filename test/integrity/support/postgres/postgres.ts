import type { TestContext } from 'node:test'
import pg from 'pg'
import { type EmbeddedPostgres, startPostgres } from '../../../../dev/postgres/embedded-postgres.ts'
import { sleep } from '../../../../src/kernel/lifecycle.ts'

export interface Database {
  readonly postgres: EmbeddedPostgres
  /** One statement, on a connection of its own. */
  query(sql: string): Promise<Array<Record<string, unknown>>>
}

/** A PostgreSQL for one test, gone afterwards. */
export async function createDatabase(t: TestContext): Promise<Database> {
  const postgres = await startPostgres()
  t.after(() => postgres.close())

  async function query(sql: string): Promise<Array<Record<string, unknown>>> {
    const client = new pg.Client({ connectionString: postgres.url })
    await client.connect()
    try {
      const { rows } = await client.query(sql)
      return rows
    } finally {
      await client.end()
    }
  }
  return { postgres, query }
}

/** How often each id is in the column, compared with how often it should be: once. */
export async function compareIds(
  database: Database,
  table: string,
  column: string,
  expected: ReadonlySet<string>,
) {
  const rows = await database.query(
    `select ${column}::text as id, count(*)::int as times from ${table} group by 1`,
  )
  const times = new Map(rows.map(({ id, times }) => [String(id), Number(times)]))
  return {
    rows: [...times.values()].reduce((sum, each) => sum + each, 0),
    missing: [...expected].filter((id) => !times.has(id)),
    twice: [...times].filter(([, count]) => count > 1).map(([id]) => id),
    unknown: [...times.keys()].filter((id) => !expected.has(id)),
  }
}

/** Crashes it, and starts it again after this many milliseconds. */
export async function crash({ postgres }: Database, pause: number): Promise<void> {
  await postgres.kill()
  await sleep(pause)
  await postgres.start()
}
