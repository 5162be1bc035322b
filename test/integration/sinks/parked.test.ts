import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import { type EmbeddedPostgres, startPostgres } from '../../../dev/postgres/embedded-postgres.ts'
import { sinkProblems } from '../../../src/cli/check/targets.ts'
import { migrate } from '../../../src/cli/migrate/migrate.ts'
import { configOrThrow } from '../../../src/config/load/load.ts'
import type { HeldBack, ToPark } from '../../../src/kernel/shapes/parked.ts'
import type { KafkaRecord } from '../../../src/kernel/shapes/record.ts'
import {
  countParkedRecords,
  listParkedRecords,
  type ParkedFilter,
} from '../../../src/sink/postgres/parked/list.ts'
import { selectParkedRecords } from '../../../src/sink/postgres/parked/selected.ts'
import { createParkedTable } from '../../../src/sink/postgres/parked/table.ts'
import type { ClaimedRecord, ParkedTable } from '../../../src/sink/postgres/parked/types.ts'
import { createMigrations } from '../../../src/sink/postgres/tables/migrations.ts'
import { fakeIo } from '../../support/fake-io.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { until } from '../../support/waiting.ts'
import { poolOf } from './postgres-table.ts'

let postgres: EmbeddedPostgres
before(async () => {
  postgres = await startPostgres()
})
after(() => postgres?.close())

let names = 0
const ALL: ParkedFilter = {
  ...{ groups: null, topics: null, handlers: null, errorTypes: null, places: null },
  ...{ since: null, until: null },
}
const NOTHING: HeldBack = { topics: [], partitions: [], handlers: [] }

/** A table, and two processes that use it. */
async function setUp(t: TestContext, { lease = 60_000, maxRecords = 1_000 } = {}) {
  const pool = poolOf(postgres.urlFile)
  t.after(() => pool.close())
  const table = `parked_${++names}`
  await createMigrations({ folder: 'parked', table }, pool).apply()
  const open = (owner: string, group = 'g', over: { readonly lease?: number } = {}) =>
    createParkedTable({ group, table, owner, lease, maxRecords, ...over }, pool, async () => {})
  return { pool, table, one: open('one'), other: open('other'), open }
}

function recordAt(offset: number, over: Partial<KafkaRecord> = {}): KafkaRecord {
  const bytes = { key: Buffer.from([0, 255]), value: Buffer.from(`{"at":${offset}}`) }
  return { topic: 'T', partition: 1, offset, timestamp: 99, ...bytes, headers: undefined, ...over }
}

function toPark(record: KafkaRecord, over: Partial<ToPark> = {}): ToPark {
  return { record, handler: 'h', after: 0, reason: 'too early', code: null, hold: null, ...over }
}

/** The first record that can be claimed, once there is one. */
async function claimed(table: ParkedTable, what: string): Promise<ClaimedRecord> {
  let all: readonly ClaimedRecord[] = []
  await until(async () => {
    all = await table.claim(1, NOTHING)
    return all.length > 0
  }, what)
  return all[0] ?? assert.fail(what)
}

const offsetsOf = (all: ReadonlyArray<{ record: KafkaRecord }>) =>
  all.map(({ record }) => record.offset).sort((a, b) => a - b)

test('a record comes back as it was, when it is due by the clock of the database', async (t) => {
  const { one, pool } = await setUp(t)
  const headers = { a: Buffer.from('1'), 'z\0': [Buffer.from([0]), null] }
  const record = recordAt(7, { headers, value: null })
  await one.park(pool.query, toPark(record, { after: 400, handler: 'a,b', reason: 'no\0' }))
  const { rows: times } = await pool.query('select clock_timestamp() as now')
  const again = await claimed(one, 'it to be due')
  const { rows } = await pool.query('select clock_timestamp() as now')
  assert.deepEqual(
    { ...again.record, headers: { ...again.record.headers } },
    { ...record, headers },
  )
  const { since, ...due } = again.due
  assert.deepEqual(due, { handler: 'a,b', isReplay: false, times: 1 })
  assert.equal(Math.abs(since - times[0]?.now.getTime()) < 5_000, true)
  assert.equal(rows[0]?.now.getTime() - since >= 399, true)
})

test('processes that claim at the same time get each record once, and nothing that is held back', async (t) => {
  const { one, other, open, pool } = await setUp(t)
  for (let offset = 0; offset < 40; offset++) await one.park(pool.query, toPark(recordAt(offset)))
  await one.park(pool.query, toPark(recordAt(50, { topic: 'held' })))
  await one.park(pool.query, toPark(recordAt(51, { partition: 9 })))
  await one.park(pool.query, toPark(recordAt(52), { handler: 'a,down' }))
  await one.park(pool.query, toPark(recordAt(53), { handler: null }))
  await open('x', 'another group').park(pool.query, toPark(recordAt(60)))
  const heldBack = {
    topics: ['held'],
    partitions: [{ topic: 'T', partition: 9 }],
    handlers: ['down'],
  }
  const claims = Array.from({ length: 8 }, (_, index) =>
    (index % 2 === 0 ? one : other).claim(6, heldBack),
  )
  const all = (await Promise.all(claims)).flat()
  for (let more = await one.claim(50, heldBack); more.length > 0; ) {
    all.push(...more)
    more = await one.claim(50, heldBack)
  }
  assert.deepEqual(
    offsetsOf(all),
    Array.from({ length: 40 }, (_, offset) => offset),
  )
  assert.deepEqual(offsetsOf(await one.claim(50, NOTHING)), [50, 51, 52, 53])
})

test('after its lease another process has the record, and the late one writes nothing', async (t) => {
  const { one, other, open, pool } = await setUp(t, { lease: 300 })
  await one.park(pool.query, toPark(recordAt(1)))
  await one.park(pool.query, toPark(recordAt(2)))
  const [late, kept] = (await one.claim(2, NOTHING)).toSorted(
    (a, b) => a.record.offset - b.record.offset,
  )
  assert.ok(late && kept)
  // Once, for as long as the test takes.
  await open('one', 'g', { lease: 600_000 }).renew([kept])
  const taken = await claimed(other, 'the lease to end')
  assert.equal(taken.record.offset, 1)
  assert.deepEqual(await other.claim(9, NOTHING), [])
  assert.deepEqual([...(await one.renew([late, kept]))], [kept.id])
  const fenced = { code: 'OCC_PARKED_FENCED' }
  const how = { after: 0, handler: 'h', attempts: 1, reason: '', code: null }
  await assert.rejects(one.end(pool.query, late), fenced)
  await assert.rejects(one.again(pool.query, late, how), fenced)
  await assert.rejects(one.release(late), fenced)
  await one.end(pool.query, kept)
  await other.end(pool.query, taken)
  assert.deepEqual(await one.count(), { records: 0, due: 0, nextDueAt: null })
})

test('a record that is delivered again is parked once, until the later time; who has it loses it', async (t) => {
  const { one, other, pool, table } = await setUp(t)
  await one.park(pool.query, toPark(recordAt(1), { after: 60_000 }))
  await other.park(pool.query, toPark(recordAt(1)))
  assert.deepEqual(await one.claim(9, NOTHING), [])
  await pool.query(`update ${table} set due_at = now()`)
  const [own] = await one.claim(9, NOTHING)
  assert.ok(own)
  await other.park(pool.query, toPark(recordAt(1)))
  await assert.rejects(one.end(pool.query, own), { code: 'OCC_PARKED_FENCED' })
  // Of a topic that was made anew it is another record.
  await one.park(pool.query, toPark(recordAt(1, { timestamp: 100 })))
  assert.equal((await one.count()).records, 2)
})

test('parked again for fewer handlers, it is one with what was parked for these', async (t) => {
  const { one, pool, table } = await setUp(t)
  await one.park(pool.query, toPark(recordAt(1), { handler: 'a,b' }))
  const [own] = await one.claim(9, NOTHING)
  assert.ok(own)
  await one.park(pool.query, toPark(recordAt(1), { handler: 'b' }))
  const how = { after: 9_000, handler: 'b', attempts: 1, reason: 'away\0', code: 'OCC_X' }
  await pool.transact((query) => one.again(query, own, how))
  const rows = await listParkedRecords(pool, table, { ...ALL, groups: ['g'], handlers: ['b'] }, 10)
  const [row] = rows
  assert.deepEqual(
    [rows.length, row?.handler, row?.times, row?.attempts, row?.errorType, row?.isLeased],
    [1, 'b', 2, 1, 'OCC_X', false],
  )
})

test('parked again, it is no longer the claim of whoever did it: a second time changes nothing', async (t) => {
  const { one, pool } = await setUp(t)
  await one.park(pool.query, toPark(recordAt(1)))
  const own = await claimed(one, 'the record')
  const how = { after: 0, handler: 'h', attempts: 1, reason: '', code: null }
  await pool.transact((query) => one.again(query, own, how))
  assert.deepEqual([...(await one.renew([own]))], [])
  // Its commit was made, but the answer was lost.
  await assert.rejects(
    pool.transact((query) => one.again(query, own, how)),
    { code: 'OCC_PARKED_FENCED' },
  )
  const { due } = await claimed(one, 'the record, which nobody holds')
  assert.equal(due.times, 2)
})

test('a group that has too many parks no more; one whose transaction runs again is one', async (t) => {
  const { one, pool } = await setUp(t, { maxRecords: 2 })
  for (const offset of [1, 2]) {
    let runs = 0
    await one.admit()
    await pool.transact(async (query) => {
      await one.park(query, toPark(recordAt(offset)))
      runs += 1
      if (runs === 1) await query(`do $$ begin raise sqlstate '40001'; end $$`)
    })
  }
  await assert.rejects(one.admit(), { code: 'OCC_PARKED_FULL', message: /parked\.maxRecords is 2/ })
})

test('records that are parked at the same time have the table counted once', async (t) => {
  const { pool, table } = await setUp(t)
  let asked = 0
  const query: typeof pool.query = (text, values) => {
    asked += 1
    return pool.query(text, values)
  }
  const options = { group: 'g', table, owner: 'one', lease: 60_000, maxRecords: 1_000 }
  const one = createParkedTable(options, { ...pool, query }, async () => {})
  await Promise.all(Array.from({ length: 50 }, () => one.admit()))
  assert.equal(asked, 1)
})

test('records that hold a key are claimed one after the other, in the order of their offsets', async (t) => {
  const { one, other, pool, table } = await setUp(t)
  const park = (offset: number, hold: string, after = 0) =>
    one.park(pool.query, toPark(recordAt(offset), { hold, after }))
  // The first is the last to come, as after a redelivery.
  for (const offset of [6, 5]) await park(offset, 'a')
  await park(7, 'b')
  const [first, ofB] = (await one.claim(9, NOTHING)).toSorted(
    (a, b) => a.record.offset - b.record.offset,
  )
  assert.deepEqual([first?.record.offset, ofB?.record.offset], [5, 7])
  assert.deepEqual(await other.claim(9, NOTHING), [])
  const { due, records } = await one.count()
  assert.deepEqual([due, records], [2, 3])
  const rows = await listParkedRecords(pool, table, ALL, 9)
  assert.deepEqual(rows.map(({ offset, isBehind }) => [offset, isBehind]).toSorted(), [
    [5, false],
    [6, true],
    [7, false],
  ])
  assert.ok(first)
  // One that comes back meanwhile goes first, and does not overlap the one that is handled.
  await one.end(pool.query, first)
  const [second] = await other.claim(9, NOTHING)
  assert.equal(second?.record.offset, 6)
  await park(5, 'a')
  assert.deepEqual(await other.claim(9, NOTHING), [])
  assert.ok(second)
  await other.end(pool.query, second)
  assert.deepEqual(offsetsOf(await other.claim(9, NOTHING)), [5])
})

test('what a partition has parked tells which keys are held, and by whom', async (t) => {
  const { one, open, pool } = await setUp(t)
  await one.park(pool.query, toPark(recordAt(1), { hold: 'a', after: 9_000 }))
  await one.park(pool.query, toPark(recordAt(2), { hold: null, after: 9_000 }))
  await one.park(pool.query, toPark(recordAt(3, { partition: 2 }), { hold: 'b' }))
  assert.deepEqual(await one.held({ topic: 'T', partition: 1 }), new Set(['a']))
  assert.deepEqual(await open('x', 'another group').held({ topic: 'T', partition: 1 }), new Set())
  const holders = [recordAt(1), recordAt(4), recordAt(1, { timestamp: 100 })]
  assert.deepEqual(await Promise.all(holders.map((record) => one.holderOf(record, 'a'))), [
    'itself',
    'other',
    'other',
  ])
  assert.equal(await one.holderOf(recordAt(4), 'b'), 'none')
})

test('of very many records the number is an estimate, and asking for it stays cheap', async (t) => {
  const { one, pool, table } = await setUp(t)
  await pool.query(`insert into ${table} (consumer_group, topic, partition, record_offset, record_timestamp, headers, replay, handler, due_at, reason)
    select 'g', 'T', 0, n, 0, '{}', false, '', now(), '' from generate_series(1, 120000) as n`)
  await pool.query(`analyze ${table}`)
  const { records, due } = await one.count()
  assert.ok(Math.abs(records - 120_000) < 6_000, String(records))
  assert.equal(due, 100_000)
  assert.equal(await countParkedRecords(pool, table, ALL), 100_001)
})

test('of a selection, what nobody handles is due at once, or taken; each record once', async (t) => {
  const { one, pool, table } = await setUp(t)
  for (let offset = 0; offset < 130; offset++) {
    await one.park(pool.query, toPark(recordAt(offset), { after: 3_600_000, code: 'OCC_X' }))
  }
  await one.park(pool.query, toPark(recordAt(200)))
  const [handled] = await one.claim(9, NOTHING)
  const of = (filter: Partial<ParkedFilter>) =>
    selectParkedRecords(pool, table, { ...ALL, ...filter }, { lease: 60_000, owner: 'dlq drop' })
  const selected = of({ errorTypes: ['OCC_X'], places: null })
  assert.deepEqual([await selected.dueNow(1_000), await selected.dueNow(1_000)], [100, 30])
  assert.equal(await selected.dueNow(1_000), 0)
  assert.equal((await one.count()).due, 131)
  const taking = of({ places: ['T/1/7', 'T/1/200'] })
  const [taken, ...others] = await taking.take(10)
  assert.ok(taken)
  assert.deepEqual([taken.record.offset, taken.group, others], [7, 'g', []])
  assert.equal(await taking.end(taken), true)
  assert.equal(await taking.end(taken), false)
  assert.ok(handled)
  await one.end(pool.query, handled)
})

test('check says what is missing of the table, and migrate makes it', async (t) => {
  const { urlFile } = postgres
  const file = join(temporaryFolder(t), 'config.yaml')
  const table = `parked_${++names}`
  writeFileSync(
    file,
    JSON.stringify({
      kafka: { topics: ['t'], groupId: 'g', brokers: ['localhost:1'] },
      parked: { store: 'postgres', postgres: { urlFile, table } },
    }),
  )
  const config = configOrThrow({ file, env: {} })
  const [problem = ''] = await sinkProblems(config)
  assert.match(problem, /^Parked records: .*onchain-consumer migrate.*parked\.postgres\.migrate/s)
  const io = fakeIo()
  assert.equal(await migrate({ config: file, yes: '' }, io), 0)
  assert.match(
    io.stdout.written(),
    /Parked records, table parked_\d+:\n {2}applied parked\/0001-create/,
  )
  assert.deepEqual(await sinkProblems(config), [])
  const pool = poolOf(urlFile)
  t.after(() => pool.close())
  await pool.query(`alter table ${table} drop column leased_until`)
  assert.match((await sinkProblems(config))[0] ?? '', /^Parked records: .*leased_until/s)
})
