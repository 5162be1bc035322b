import assert from 'node:assert/strict'
import { after, before, type TestContext, test } from 'node:test'
import { type EmbeddedPostgres, startPostgres } from '../../../dev/postgres/embedded-postgres.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { createPostgresPool } from '../../../src/sink/dead-letters/postgres-pool.ts'
import { createPostgresStore } from '../../../src/sink/dead-letters/postgres-store.ts'
import { createPostgresTarget } from '../../../src/sink/dead-letters/postgres-target.ts'
import { letterOf, listed, testContract } from './contract.ts'

let postgres: EmbeddedPostgres
before(async () => {
  postgres = await startPostgres()
})
after(() => postgres?.close())

let tables = 0
function poolOf(urlFile = postgres.urlFile) {
  const options = { maxConnections: 2, connectionTimeout: 5_000, statementTimeout: 10_000 }
  return createPostgresPool({ urlFile, ...options }, silentLog, 'deadLetters.postgres')
}

async function place(t: TestContext, createTable = true) {
  const table = `letters_${++tables}`
  const target = createPostgresTarget({ table, createTable }, poolOf())
  t.after(() => target.close())
  return {
    table,
    target,
    async open() {
      const store = createPostgresStore(table, poolOf())
      t.after(() => store.close())
      return store
    },
  }
}

testContract('a table', (t) => place(t))

test('without createTable a missing table is an error that says what to do', async (t) => {
  const { target } = await place(t, false)
  await assert.rejects(target.keep(letterOf(1)), {
    code: 'OCC_POSTGRES_TABLE',
    message: /letters_\d+.*createTable/,
  })
  await assert.rejects(target.check(), { code: 'OCC_POSTGRES_TABLE' })
})

test('a database that was killed and is back: keeping fails meanwhile, and works again', async (t) => {
  const { target, open } = await place(t)
  await target.keep(letterOf(1))
  await postgres.kill()
  await assert.rejects(target.keep(letterOf(2)), { retriable: true, code: 'OCC_POSTGRES' })
  await postgres.start()
  await target.keep(letterOf(2))
  assert.equal((await listed(await open())).length, 2)
})

test('one redrive at a time', async (t) => {
  const { target, open } = await place(t)
  await target.keep(letterOf(1))
  const first = await open()
  await first.lock()
  const second = await open()
  await assert.rejects(second.lock(), { code: 'OCC_DEAD_LETTERS_LOCKED' })
  await first.close()
  const third = await open()
  await third.lock()
})
