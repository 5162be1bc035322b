import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import { createAuthority, issueServerCertificate } from '../../../dev/kafka/certificates.ts'
import { type EmbeddedPostgres, startPostgres } from '../../../dev/postgres/embedded-postgres.ts'
import { OccError } from '../../../src/kernel/errors.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { createPostgresStore } from '../../../src/sink/dead-letters/postgres/store.ts'
import { addGroupSql } from '../../../src/sink/dead-letters/postgres/table.ts'
import {
  createPostgresTarget,
  insertLetters,
} from '../../../src/sink/dead-letters/postgres/target.ts'
import { createPostgresPool } from '../../../src/sink/postgres/pool.ts'
import { testContract } from '../../support/dead-letter-contract.ts'
import { letterOf, listed, recordAt } from '../../support/letters.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

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

test('large letters are read a few at a time, in their order and each once', async (t) => {
  const { table, target } = await place(t)
  const offsets = Array.from({ length: 12 }, (_, offset) => offset)
  for (const offset of offsets) {
    const value = offset % 3 === 0 ? null : Buffer.alloc(1_500_000, offset)
    await target.keep(letterOf(offset, { record: recordAt(offset, { value }) }))
  }
  const pool = poolOf()
  const pages: number[] = []
  const query: typeof pool.query = async (...given) => {
    const answer = await pool.query(...given)
    const sizes = answer.rows.map(({ value }) => (Buffer.isBuffer(value) ? value.length : 0))
    pages.push(sizes.reduce((sum, size) => sum + size, 0))
    return answer
  }
  const store = createPostgresStore(table, { ...pool, query })
  t.after(() => store.close())
  const letters = await listed(store)
  assert.deepEqual(
    letters.map(({ record }) => record.offset),
    offsets,
  )
  assert.ok(
    letters.every(
      ({ record: { offset, value } }) => value?.[0] === (offset % 3 === 0 ? undefined : offset),
    ),
  )
  assert.ok(pages.length > 3 && Math.max(...pages) <= 5_500_000, `${pages}`)
})

/** The table as version 0.1 made it. */
const oldTable = (table: string) => `create table ${table} (
  id text not null, original_topic text not null, original_partition integer not null,
  original_offset bigint not null, original_timestamp bigint not null, key bytea, value bytea,
  headers jsonb not null, error_type text not null, error_message text not null,
  handler text not null default '', attempts integer not null, redrives integer not null,
  failed_at timestamptz not null, kept_at timestamptz not null default now(),
  sending_since timestamptz,
  primary key (original_topic, original_partition, original_offset, original_timestamp, handler)
);
insert into ${table} values ('0123456789abcdef', 'transfers', 1, 1, 0, null, 'a', '{}', 'OCC_JSON', '', '', 1, 0, '2025-01-02T03:04:05Z')`

test('a table of version 0.1 gets the group with the first letter, and keeps what it holds', async (t) => {
  for (const first of ['keep', 'check'] as const) {
    const { table, target, open } = await place(t)
    const pool = poolOf()
    t.after(() => pool.close())
    for (const statement of oldTable(table).split(';')) await pool.query(statement)
    const store = await open()
    assert.deepEqual(
      (await listed(store)).map(({ group }) => group),
      [null],
      'it can be listed before',
    )
    if (first === 'check') await target.check()
    // Several processes begin at once.
    const other = createPostgresTarget({ table, createTable: true }, poolOf())
    t.after(() => other.close())
    await Promise.all([
      target.keep(letterOf(1, { group: 'a' })),
      other.keep(letterOf(1, { group: 'b' })),
    ])
    const found = await listed(store)
    assert.deepEqual(found.map(({ group }) => group ?? 'none').sort(), ['a', 'b', 'none'])
    await store.end(found, 'redriven')
    assert.deepEqual(await listed(store), [])
  }
})

test('without createTable a table of version 0.1 is an error that says what to do', async (t) => {
  const { table, target } = await place(t, false)
  const pool = poolOf()
  t.after(() => pool.close())
  for (const statement of oldTable(table).split(';')) await pool.query(statement)
  const outdated = { code: 'OCC_POSTGRES_TABLE', message: /no column consumer_group.*docs\/dead/ }
  await assert.rejects(target.keep(letterOf(1)), outdated)
  await assert.rejects(target.check(), outdated)
  await pool.query(addGroupSql(table))
  await target.keep(letterOf(1))
})

test('as many letters as one transaction of offsets has are inserted, more than one statement takes', async (t) => {
  const { table, target, open } = await place(t)
  await target.keep(letterOf(0))
  const pool = poolOf()
  t.after(() => pool.close())
  const letters = Array.from({ length: 5_000 }, (_, offset) => letterOf(offset))
  await pool.transact((query) => insertLetters(query, table, letters))
  assert.equal((await listed(await open())).length, 5_000)
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

test('TLS is verified: the chain, and the host unless the URL leaves it out', async (t) => {
  const folder = temporaryFolder(t)
  const file = (name: string) => join(folder, name)
  const ca = await createAuthority('a test')
  const { certificate, key } = await issueServerCertificate({ ca, commonName: 'x', sans: ['db'] })
  const named = await issueServerCertificate({ ca, commonName: 'x', sans: ['127.0.0.1'] })
  for (const [name, text] of Object.entries({
    'ca.pem': ca.certificate,
    'other.pem': certificate,
    'other.key': key,
    'named.pem': named.certificate,
    'named.key': named.key,
  })) {
    await writeFile(file(name), text)
  }

  async function check(server: EmbeddedPostgres, mode: string, caFile?: string): Promise<void> {
    const urlFile = file('url')
    await writeFile(urlFile, server.url.replace('sslmode=disable', mode))
    const options = { maxConnections: 2, connectionTimeout: 5_000, statementTimeout: 5_000 }
    const trusted = caFile === undefined ? {} : { caFile }
    const pool = createPostgresPool({ urlFile, ...options, ...trusted }, silentLog, 'section')
    const target = createPostgresTarget({ table: 'letters', createTable: true }, pool)
    await target.check().finally(() => target.close())
  }

  const tlsOf = (name: string) => ({ certificate: file(`${name}.pem`), key: file(`${name}.key`) })
  const other = await startPostgres({ tls: tlsOf('other') })
  t.after(() => other.close())
  const unverified = { code: 'OCC_POSTGRES_TLS', message: /section\.caFile.*sslmode=verify-ca/ }
  await assert.rejects(check(other, ''), unverified, 'an authority that nobody knows')
  await assert.rejects(check(other, 'sslmode=require', file('ca.pem')), unverified, 'another host')
  await check(other, 'sslmode=verify-ca', file('ca.pem'))
  const right = await startPostgres({ tls: tlsOf('named') })
  t.after(() => right.close())
  await check(right, '', file('ca.pem'))
  await assert.rejects(check(postgres, ''), { code: 'OCC_POSTGRES_TLS' }, 'no TLS at all')
})

test('a wrong password is one clear error without the password', async (t) => {
  const urlFile = join(temporaryFolder(t), 'url')
  await writeFile(urlFile, postgres.url.replace(postgres.password, 'wr0ng-secret'))
  const target = createPostgresTarget({ table: 'letters', createTable: true }, poolOf(urlFile))
  t.after(() => target.close())
  const refused = (error: unknown) => {
    assert.ok(error instanceof OccError && error.code === 'OCC_POSTGRES_LOGIN')
    assert.match(error.message, /deadLetters\.postgres\.urlFile/)
    assert.doesNotMatch(error.message, /wr0ng-secret/)
    return true
  }
  await assert.rejects(target.keep(letterOf(1)), refused)
  // The file is read again for each connection.
  await writeFile(urlFile, postgres.url)
  await target.keep(letterOf(1))
})

test('another server with another authority applies to the next connection, without a restart', async (t) => {
  const folder = temporaryFolder(t)
  const [urlFile, caFile] = [join(folder, 'url'), join(folder, 'ca.pem')]
  const start = async (name: string) => {
    const ca = await createAuthority(name)
    const issued = await issueServerCertificate({ ca, commonName: 'x', sans: ['127.0.0.1'] })
    const tls = { certificate: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) }
    await writeFile(tls.certificate, issued.certificate)
    await writeFile(tls.key, issued.key)
    const server = await startPostgres({ tls })
    t.after(() => server.close())
    const url = server.url.replace('sslmode=disable', '')
    return { server, url, ca: ca.certificate }
  }
  const first = await start('first')
  const second = await start('second')
  await writeFile(urlFile, first.url)
  await writeFile(caFile, first.ca)
  const options = { maxConnections: 1, connectionTimeout: 5_000, statementTimeout: 5_000 }
  const pool = createPostgresPool({ urlFile, caFile, ...options }, silentLog, 'section')
  const target = createPostgresTarget({ table: 'letters', createTable: true }, pool)
  t.after(() => target.close())
  await target.keep(letterOf(1))

  await first.server.close()
  await writeFile(urlFile, second.url)
  await assert.rejects(target.keep(letterOf(2)))
  await assert.rejects(target.keep(letterOf(2)), { code: 'OCC_POSTGRES_TLS' })
  await rm(caFile)
  const unreadable = { code: 'OCC_FILE_UNREADABLE', message: /ca\.pem/ }
  // The second waits for the only connection of the pool: nobody calls when its client is made.
  const failed = await Promise.allSettled([pool.query('select 1'), pool.query('select 1')])
  for (const one of failed) {
    assert.equal(one.status, 'rejected')
    assert.throws(() => {
      throw one.reason
    }, unreadable)
  }
  await writeFile(urlFile, 'postgresql://onchain:50%off@127.0.0.1/db')
  await assert.rejects(target.keep(letterOf(2)), (error: Error) => {
    assert.equal((error as OccError).code, 'OCC_POSTGRES_URL')
    assert.doesNotMatch(error.message, /50%off/)
    return true
  })
  await writeFile(urlFile, second.url)
  await writeFile(caFile, second.ca)
  await target.keep(letterOf(2))
})
