import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type EmbeddedPostgres, startPostgres } from '../../../dev/postgres/embedded-postgres.ts'
import { connectionProblems } from '../../../src/cli/check/connections.ts'
import { sinkProblems } from '../../../src/cli/check/targets.ts'
import { migrate } from '../../../src/cli/migrate/migrate.ts'
import { configOrThrow } from '../../../src/config/load/load.ts'
import { fakeIo } from '../../support/fake-io.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { poolOf } from './postgres-table.ts'

let postgres: EmbeddedPostgres
before(async () => {
  postgres = await startPostgres()
})
after(() => postgres?.close())

test('migrate makes the table, and check says when it is not there', async (t) => {
  const direct = poolOf(postgres.urlFile)
  t.after(() => direct.close())
  const table = 'made_1'
  const file = join(temporaryFolder(t), 'config.yaml')
  writeFileSync(
    file,
    `kafka: {brokers: 'b:9092', topics: a, groupId: g}
offsets: {store: postgres, postgres: {urlFile: ${postgres.urlFile}, table: ${table}}}
deadLetters: {file: {folder: ${join(temporaryFolder(t), 'letters')}}}
`,
  )
  const config = configOrThrow({ file, env: {} })
  assert.match(String(await sinkProblems(config)), /Offsets: .*onchain-consumer migrate/)
  // 6 pods with 3 connections each fit into the 27 of the server, 10 do not.
  assert.deepEqual(await connectionProblems(config, 6), [])
  assert.match(String(await connectionProblems(config, 10)), /Offsets: 10 pods.*are 30/)
  const run = async (flags: object) => {
    const io = fakeIo()
    assert.equal(await migrate({ config: file, ...flags }, io), 0, io.stderr.written())
    return io.stdout.written()
  }
  const plan = await run({})
  assert.match(plan, new RegExp(`create table "${table}"`))
  await direct.query(`begin; ${plan}; rollback`)
  assert.match(await run({ yes: true }), /Offsets, table made_\d+:\n +applied offsets\/0001-create/)
  assert.match(await run({ yes: true }), /up to date/)
  assert.deepEqual(await sinkProblems(config), [])
})
