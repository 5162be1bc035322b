import assert from 'node:assert/strict'
import test from 'node:test'
import { metric } from '../../support/metric.ts'
import { until } from '../../support/waiting.ts'
import { printFigures, readFailed } from '../support/accounting.ts'
import { createDatabase } from '../support/postgres/postgres.ts'
import { createScene } from '../support/setup.ts'
import { sizeOf } from '../support/size.ts'
import { makeTasks } from '../support/tasks.ts'

const COUNT = sizeOf('RECORDS', 10_000)
const KEYS = 500

test('two services update the same rows of one table: none fails, and the newest values stay', async (t) => {
  const scene = await createScene(t)
  const database = await createDatabase(t)
  await database.query('create table latest (key bigint primary key, a bigint, b bigint)')
  // Each updates a column of its own; every row is locked by both, again and again.
  const services = await Promise.all(
    ['a', 'b'].map((own) => {
      const columns = {
        key: { from: 'document.key', type: 'bigint' },
        [own]: { from: 'document.id', type: 'bigint' },
      }
      const { urlFile } = database.postgres
      const table = { table: 'latest', columns, key: ['key'], update: [own] }
      return scene.run(
        {
          sinks: { db: { type: 'postgres', urlFile, ...table, batch: { rows: 300 } } },
          handlers: [{ sink: 'db', each: 'message' }],
        },
        { KAFKA_GROUP_ID: `integrity-${own}` },
      )
    }),
  )
  await Promise.all(services.map((service) => service.ready()))
  const tasks = makeTasks(COUNT, { keys: KEYS })
  await scene.send(tasks)
  await until(async () => {
    const pages = await Promise.all(services.map((service) => service.get('/metrics')))
    return pages.every(
      ({ body }) => metric(body, 'onchain_consumer_handled_records_total') >= COUNT,
    )
  }, 'both to have handled all')
  const newest = new Map(tasks.map(({ key, id }) => [Number(key), id]))
  const rows = await database.query('select key::int, a::int, b::int from latest')
  const stale = rows.filter(({ key, a, b }) => {
    const id = newest.get(Number(key))
    return a !== id || b !== id
  })
  const [locks] = await database.query(
    'select deadlocks::int from pg_stat_database where datname = current_database()',
  )
  const letters = readFailed(scene.folder)
  printFigures('two services update one table', {
    'records in (each)': COUNT,
    'rows (keys)': rows.length,
    'rows without the newest values': stale.length,
    'deadlocks that the server broke off': locks?.['deadlocks'],
    'dead letters': letters.length,
  })
  assert.equal(rows.length, newest.size)
  assert.deepEqual(stale, [])
  assert.equal(letters.length, 0)
  for (const service of services) assert.equal(await service.terminate(), 0)
})
