import assert from 'node:assert/strict'
import { after, before, type TestContext, test } from 'node:test'
import { type EmbeddedPostgres, startPostgres } from '../../../dev/postgres/embedded-postgres.ts'
import { createDayPartitions } from '../../../src/sink/postgres/tables/day-partitions.ts'
import { createMigrations } from '../../../src/sink/postgres/tables/migrations.ts'
import { poolOf } from './postgres-table.ts'

let postgres: EmbeddedPostgres
before(async () => {
  postgres = await startPostgres()
})
after(() => postgres?.close())

const HOUR = 3_600_000
const DAY = 24 * HOUR
let names = 0

/** A table by day, at noon of 2026-11-28. */
async function partitioned(t: TestContext, retention: number | null) {
  const pool = poolOf(postgres.urlFile)
  t.after(() => pool.close())
  const table = `by_day_${++names}`
  await createMigrations({ events: 'transfers', table, partitions: 'day' }, pool).apply()
  let now = Date.parse('2026-11-28T12:00:00Z')
  const clock = { now: () => now, monotonic: () => now }
  const { makeRoom } = createDayPartitions({ table, timeColumn: 0, retention }, pool, clock)
  return {
    table,
    pool,
    clock,
    makeRoom,
    wait(time: number) {
      now += time
    },
    /** A row of eleven o'clock. @param day `2026-11-28` */
    async insert(day: string) {
      const time = `${day}T11:00:00.000Z`
      await makeRoom([[time]])
      await pool.query(
        `insert into ${table} (id, time, chain, event_id, success) values (decode(md5($1), 'hex'), $2, 'a', 'b', true)
         on conflict do nothing`,
        [time, time],
      )
    },
    /** The partitions with rows. */
    async places() {
      const { rows } = await pool.query(
        `select distinct tableoid::regclass::text as place from ${table}`,
      )
      return rows.map(({ place }) => place.replace(`${table}_`, '')).sort()
    },
  }
}

test('days beyond the retention are dropped; rows that come late are dropped an hour later', async (t) => {
  const { insert, places, wait } = await partitioned(t, 2 * DAY)
  for (const day of ['25', '26', '27', '28']) await insert(`2026-11-${day}`)
  assert.deepEqual(await places(), ['20261126', '20261127', '20261128', 'default'])
  wait(DAY)
  await insert('2026-11-29')
  assert.deepEqual(await places(), ['20261127', '20261128', '20261129'])
  await insert('2026-11-26')
  assert.deepEqual(await places(), ['20261127', '20261128', '20261129', 'default'], 'not lost')
  wait(HOUR)
  await insert('2026-11-29')
  assert.deepEqual(await places(), ['20261127', '20261128', '20261129'])
})

test('a retention above 400 days keeps its partitions; days beyond 400 get none of their own', async (t) => {
  const { insert, places, wait } = await partitioned(t, 500 * DAY)
  await insert('2025-11-01')
  wait(90 * DAY)
  await insert('2025-11-02') // 482 days ago
  await insert('2027-02-26')
  assert.deepEqual(await places(), ['20251101', '20270226', 'default'])
  wait(30 * DAY)
  await insert('2027-03-28')
  assert.deepEqual(await places(), ['20270226', '20270328'], 'beyond 500 days')
})

test('a day whose rows are in the default partition already: the next rows join them', async (t) => {
  const { clock, insert, places, wait, pool, table } = await partitioned(t, null)
  await insert('2026-12-05')
  wait(7 * DAY)
  // Another pod, which does not know the day.
  const other = createDayPartitions({ table, timeColumn: 0, retention: null }, pool, clock)
  await other.makeRoom([['2026-12-05T12:00:00.000Z']])
  await insert('2026-12-06')
  assert.deepEqual(await places(), ['20261206', 'default'])
})

test('a partition that a trigger of the database refuses is waited for', async (t) => {
  const { insert, makeRoom, places, pool, table } = await partitioned(t, null)
  await pool.query(`
    create function no_tables() returns event_trigger language plpgsql as $$
    begin raise exception 'no tables on Saturdays'; end $$;
    create event trigger no_tables on ddl_command_start when tag in ('CREATE TABLE')
    execute function no_tables()`)
  const allow = () => pool.query('drop event trigger if exists no_tables')
  t.after(allow)
  await assert.rejects(makeRoom([['2026-11-28T11:00:00.000Z']]), {
    code: 'OCC_POSTGRES',
    retriable: true,
    message: new RegExp(`partitions of ${table}: .*no tables on Saturdays`),
  })
  await allow()
  await insert('2026-11-28')
  assert.deepEqual(await places(), ['20261128'])
})
