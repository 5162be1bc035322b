import assert from 'node:assert/strict'
import { after, before, type TestContext, test } from 'node:test'
import { type EmbeddedPostgres, startPostgres } from '../../../dev/postgres/embedded-postgres.ts'
import { type Pgbouncer, startPgbouncer } from '../../../dev/postgres/pgbouncer.ts'
import { codeOf } from '../../../src/kernel/errors.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { createPostgresStore } from '../../../src/sink/dead-letters/postgres/store.ts'
import { createPostgresTarget } from '../../../src/sink/dead-letters/postgres/target.ts'
import { createPostgresPool } from '../../../src/sink/postgres/pool.ts'
import { testContract } from '../../support/dead-letter-contract.ts'
import { letterOf, listed } from '../../support/letters.ts'

let postgres: EmbeddedPostgres
let pgbouncer: Pgbouncer
before(async () => {
  postgres = await startPostgres()
  pgbouncer = await startPgbouncer(postgres)
})
after(async () => {
  await pgbouncer?.close()
  await postgres?.close()
})

let tables = 0
function poolOf(statementTimeout = 10_000, urlFile = pgbouncer.urlFile) {
  const options = { maxConnections: 2, connectionTimeout: 5_000, statementTimeout }
  return createPostgresPool({ urlFile, ...options }, silentLog, 'deadLetters.postgres')
}

/** Straight to the server, or through the pooler. */
function ask(t: TestContext, sql: string, statementTimeout?: number, urlFile?: string) {
  const pool = poolOf(statementTimeout, urlFile)
  t.after(() => pool.close())
  return pool.query(sql)
}

async function place(t: TestContext) {
  const table = `letters_${++tables}`
  const target = createPostgresTarget({ table, createTable: true }, poolOf())
  t.after(() => target.close())
  return {
    target,
    async open() {
      const store = createPostgresStore(table, poolOf())
      t.after(() => store.close())
      return store
    },
  }
}

testContract('a table behind a pooler in transaction mode', place)

test('one redrive at a time, also of many that begin at once', async (t) => {
  const { target, open } = await place(t)
  await target.keep(letterOf(1))
  const stores = await Promise.all(Array.from({ length: 3 }, open))
  const results = await Promise.allSettled(stores.map((store) => store.lock({})))
  const codes = results.map((it) => (it.status === 'fulfilled' ? 'locked' : codeOf(it.reason)))
  const { locked = 0, OCC_DEAD_LETTERS_LOCKED: refused = 0 } = countOf(codes)
  assert.deepEqual([locked, refused], [1, 2])
  const [letter] = await listed(await open())
  assert.ok(letter)
  const holder = stores[codes.indexOf('locked')]
  await holder?.sending([letter])
  for (const store of stores) await store.close()
  await (await open()).lock({})
})

test('a redrive whose lock is gone with its connection sends no more', async (t) => {
  const { target, open } = await place(t)
  await target.keep(letterOf(1))
  const store = await open()
  await store.lock({})
  const letters = await listed(store)
  const end = `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'`
  await ask(t, end, 10_000, postgres.urlFile)
  await assert.rejects(store.sending(letters), { code: 'OCC_DEAD_LETTERS_LOCK_LOST' })
  assert.equal((await listed(await open()))[0]?.sendingSince, null)
})

test('a statement ends at the server when its time is over, and leaves no setting behind', async (t) => {
  await assert.rejects(ask(t, 'select pg_sleep(60)', 300), { code: 'OCC_POSTGRES_TIMEOUT' })
  const sleeping = `select count(*)::int as sleeping from pg_stat_activity where query ~ '^select pg_sleep' and state = 'active'`
  const { rows } = await ask(t, sleeping, 10_000, postgres.urlFile)
  assert.equal(rows[0].sleeping, 0)
  for (let each = 0; each < 5; each++) {
    const shown = await ask(t, 'show statement_timeout', 20_001 + each)
    assert.equal(shown.rows[0].statement_timeout, `${20_001 + each}ms`)
  }
})

test('a server that takes no writes for a while: keeping fails, says so, and then each letter is there once', async (t) => {
  const { target, open } = await place(t)
  await target.keep(letterOf(1))
  const readOnly = { code: 'OCC_POSTGRES_READ_ONLY', retriable: true }
  await postgres.stop()
  await postgres.startAsStandby()
  await untilRefused(() => target.keep(letterOf(2)))
  await assert.rejects(target.keep(letterOf(2)), readOnly)
  await assert.rejects(target.check(), readOnly)
  assert.equal((await listed(await open())).length, 1, 'reading continues')
  await ask(t, 'select pg_promote()', 10_000, postgres.urlFile)
  await Promise.all([1, 2, 3].map((offset) => target.keep(letterOf(offset))))
  await target.check()
  const found = (await listed(await open())).map(({ record }) => record.offset)
  assert.deepEqual(found, [1, 2, 3])
})

/** The pooler notices with the next query that its connections are gone, and says that first. */
async function untilRefused(keep: () => Promise<void>): Promise<void> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const code = await keep().then(() => 'kept', codeOf)
    if (code === 'OCC_POSTGRES_READ_ONLY') return
    assert.equal(code, 'OCC_POSTGRES')
  }
  assert.fail('it does not say that it is read-only')
}

function countOf(texts: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const text of texts) counts[text] = (counts[text] ?? 0) + 1
  return counts
}
