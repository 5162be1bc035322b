import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type EmbeddedPostgres, startPostgres } from '../../../dev/postgres/embedded-postgres.ts'
import { metric } from '../../support/metric.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { until, useKafka } from '../harness.ts'
import { poolOf } from '../sinks/postgres-table.ts'
import { createRival, makeVictim } from '../sinks/rival.ts'
import { plainEnvironment, startService } from './process.ts'

/** How often each fault has to meet the service; and rounds for that, at most. */
const TIMES = Number(process.env['TIMES'] ?? 4)
const MOST = TIMES * 10

const embedded = useKafka(async ({ createTopic }) => {
  await createTopic('kafka')
  await createTopic('postgres')
})
let postgres: EmbeddedPostgres
before(async () => {
  postgres = await startPostgres()
})
after(() => postgres?.close())

/** What a transaction takes first and last, by the place of the offsets; the table of offsets is made at the start. */
const stores = {
  kafka: {
    first: 'update latest_kafka set id = id where key = 1',
    last: 'update latest_kafka set id = id where key = 2',
  },
  postgres: {
    first: 'update onchain_offsets set owner = owner where partition = 0',
    last: 'update latest_postgres set id = id where key = 1',
  },
} as const

describe('a service whose transactions the server breaks off', { concurrency: true }, () => {
  for (const [store, locks] of Object.entries(stores)) {
    test(`offsets in ${store}: each is run again, no record becomes a letter`, async (t) => {
      const folder = temporaryFolder(t)
      const role = `victim_${store}`
      const table = `latest_${store}`
      const pool = poolOf(postgres.urlFile)
      const rival = createRival(postgres, role)
      t.after(() => Promise.all([pool.close(), rival.close()]))
      await pool.query(`create table ${table} (key bigint primary key, id bigint)`)
      await pool.query(`insert into ${table} values (1, 0), (2, 0)`)
      const urlFile = join(folder, 'url')
      writeFileSync(urlFile, await makeVictim(postgres, role))
      const config = join(folder, 'config.yaml')
      const columns = Object.fromEntries(
        ['key', 'id'].map((name) => [name, { from: `document.${name}`, type: 'bigint' }]),
      )
      const db = { type: 'postgres', urlFile, table, columns, key: ['key'], update: ['id'] }
      const offsets = store === 'postgres' && {
        offsets: { store, postgres: { urlFile, migrate: true } },
      }
      const handlers = [{ sink: 'db', each: 'message' }]
      writeFileSync(config, JSON.stringify({ ...offsets, sinks: { db }, handlers }))
      const env = plainEnvironment(t, embedded.kafka, store)
      const service = startService(t, env, ['--config', config])
      await service.ready()

      let sent = 0
      const send = () =>
        embedded.produce(
          store,
          [1, 2].map((key) => JSON.stringify({ key, id: ++sent })),
        )
      const page = async () => (await service.get('/metrics')).body
      const retries = async (state: string) =>
        metric(await page(), 'onchain_consumer_postgres_retries_total', `state="${state}"`)
      const written = () =>
        until(async () => {
          const { rows } = await pool.query(`select max(id)::int as id from ${table}`)
          return rows[0]?.id === sent
        }, `${sent} to be written`)

      for (let round = 0; (await retries('40P01')) < TIMES && round < MOST; round++) {
        await rival.cross(locks, send)
        await written()
      }
      for (let round = 0; (await retries('40001')) < TIMES && round < MOST; round++) {
        await rival.overtake(locks, send)
        await written()
      }
      for (let round = 0; round < 2; round++) {
        await rival.cut(locks, send)
        await written()
      }
      const figures = {
        'records in': sent,
        'deadlocks, run again': await retries('40P01'),
        'serialization failures, run again': await retries('40001'),
        'connections ended by the server': 2,
        letters: metric(await page(), 'onchain_consumer_dead_letters_kept_total'),
      }
      console.log(`    ${store}: ${JSON.stringify(figures)}`)
      assert.ok(figures['deadlocks, run again'] >= TIMES)
      assert.ok(figures['serialization failures, run again'] >= TIMES)
      assert.equal(figures.letters, 0)
      const { rows } = await pool.query(`select key::int, id::int from ${table} order by key`)
      assert.deepEqual(rows, [
        { key: 1, id: sent - 1 },
        { key: 2, id: sent },
      ])
      assert.equal((await service.end()).code, 0)
      assert.deepEqual(await embedded.committed(env['KAFKA_GROUP_ID'] ?? '', store), [sent])
      if (store === 'kafka') return
      const { rows: stored } = await pool.query(
        'select next_offset::int as next from onchain_offsets',
      )
      assert.deepEqual(stored, [{ next: sent }])
    })
  }
})
