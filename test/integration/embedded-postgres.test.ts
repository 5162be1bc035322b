import assert from 'node:assert/strict'
import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import pg from 'pg'
import { startPostgres } from '../../dev/postgres/embedded-postgres.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query(sql).finally(() => client.end())
  return rows
}

test('data in a folder of its own is there again, with the same password', async (t) => {
  const folder = temporaryFolder(t)
  // The server runs as another user if this one is root.
  await chmod(folder, 0o755)
  const keptIn = join(folder, 'postgres')
  const first = await startPostgres({ keptIn })
  t.after(() => first.close())
  await query(first.url, 'create table kept as select 42 as answer')
  await first.close()
  const again = await startPostgres({ keptIn, port: first.port })
  t.after(() => again.close())
  assert.deepEqual(await query(first.url, 'select answer from kept'), [{ answer: 42 }])
})
