import assert from 'node:assert/strict'
import { after, before, type TestContext, test } from 'node:test'
import { type EmbeddedPostgres, startPostgres } from '../../../dev/postgres/embedded-postgres.ts'
import { type Pgbouncer, startPgbouncer } from '../../../dev/postgres/pgbouncer.ts'
import { codeOf } from '../../../src/kernel/errors.ts'
import { openSink, poolOf } from './postgres-table.ts'

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
async function makeTable(t: TestContext, columns = 'id text primary key, amount numeric') {
  const table = `rows_${++tables}`
  const pool = poolOf(postgres.urlFile)
  t.after(() => pool.close())
  await pool.query(`create table ${table} (${columns})`)
  const all = async (sql = 'select * from {table} order by id') =>
    (await pool.query(sql.replace('{table}', table))).rows
  return { table, all, pool }
}

const settledCodes = (results: ReadonlyArray<PromiseSettledResult<unknown>>) =>
  results.map((result) => (result.status === 'rejected' ? codeOf(result.reason) : 'ok'))

test('rows are written through a pooler as given: amounts exact, times, bytes, JSON', async (t) => {
  const columns =
    'id text primary key, amount numeric(78), at timestamptz, hash bytea, extra jsonb, note text'
  const { table, all } = await makeTable(t, columns)
  const types = { at: 'timestamptz', hash: 'bytea', extra: 'jsonb', note: 'text' }
  const { emit, check } = openSink(t, pgbouncer.urlFile, table, { types })
  assert.deepEqual(await check(), [])
  const note = 'a "quoted", {braced} \\ text\nwith lines, and NULL'
  const at = Date.parse('2026-11-28T01:02:03.004Z')
  const first = { id: 'NULL', amount: 2n ** 256n - 1n, at, hash: Buffer.from([0, 1, 255]) }
  await emit([
    { ...first, extra: { u64: '18446744073709551615' }, note },
    { id: '', amount: -1 },
  ])
  const rows = await all('select *, amount::text, extra::text from {table} order by id desc')
  assert.deepEqual(rows[0], {
    id: 'NULL',
    amount: String(2n ** 256n - 1n),
    at: new Date(at),
    hash: Buffer.from([0, 1, 255]),
    extra: '{"u64": "18446744073709551615"}',
    note,
  })
  assert.deepEqual([rows[1]?.id, rows[1]?.amount, rows[1]?.note], ['', '-1', null])
})

test('of 5,000 values in full batches, exactly the bad ones fail; the others are there once', async (t) => {
  const columns = 'id text primary key, amount numeric(20) not null, kind text not null'
  const { table, all } = await makeTable(t, columns)
  const { emit, meter } = openSink(t, postgres.urlFile, table, { types: { kind: 'text' } })
  const bad = new Map<number, object>([
    [17, { amount: 10n ** 20n }],
    [1_234, { amount: null }],
    [1_235, { kind: 'a\u0000b' }],
    [4_999, { kind: null }],
  ])
  const results = await Promise.allSettled(
    Array.from({ length: 5_000 }, (_, index) =>
      emit({ id: String(index), amount: 1, kind: 'x', ...bad.get(index) }),
    ),
  )
  const failed = settledCodes(results).flatMap((code, index) => (code === 'ok' ? [] : [index]))
  assert.deepEqual(failed, [...bad.keys()])
  assert.ok(settledCodes(results).every((code) => code === 'ok' || code === 'OCC_EMIT_ROW'))
  const [figures] = await all('select count(*)::int as rows from {table}')
  assert.equal(figures?.rows, 4_996)
  assert.equal(meter.up, 1, 'the sink works')
  console.log(
    `    5,000 values, 4 bad: 4 refused, ${figures?.rows} rows, ${meter.statements} statements`,
  )
})

test('the values of a list are written together or not at all', async (t) => {
  const { table, all } = await makeTable(t, 'id text primary key, amount numeric(3)')
  const { emit } = openSink(t, postgres.urlFile, table)
  const lists = [1, 1_000, 3].map((amount, index) => [
    { id: `${index}a`, amount: 1 },
    { id: `${index}b`, amount },
  ])
  const results = await Promise.allSettled(lists.map(emit))
  assert.deepEqual(settledCodes(results), ['ok', 'OCC_EMIT_ROW', 'ok'])
  assert.deepEqual(
    (await all()).map(({ id }) => id),
    ['0a', '0b', '2a', '2b'],
  )
})

test('a value too long for its column is refused, not cut; digits beyond the scale are rounded', async (t) => {
  const types = { name: 'varchar(10)', code: 'char(3)', flags: 'bit(3)', amount: 'numeric(5, 2)' }
  const columns = Object.entries(types).map(([name, type]) => `, ${name} ${type}`)
  const { table, all } = await makeTable(t, `id text primary key${columns.join('')}`)
  const { emit } = openSink(t, postgres.urlFile, table, { types })
  const fits = { code: 'abc', flags: '101', amount: 1.005 }
  const over = [
    { name: 'ten letter' },
    { name: 'eleven chars' },
    { name: 'x', code: 'abcd' },
    { name: 'x', flags: '1011' },
    { name: 'x', amount: 1_000 },
  ]
  const results = await Promise.allSettled(
    over.map((value, index) => emit({ id: String(index), ...fits, ...value })),
  )
  assert.deepEqual(settledCodes(results), ['ok', ...over.slice(1).map(() => 'OCC_EMIT_ROW')])
  assert.deepEqual(await all(), [
    { id: '0', name: 'ten letter', code: 'abc', flags: '101', amount: '1.01' },
  ])
})

test('a row that a trigger or the check of a view refuses fails alone', async (t) => {
  const { table, all, pool } = await makeTable(t)
  await pool.query(`
    create function no_two() returns trigger language plpgsql as $$
    begin
      if new.amount = 2 then raise exception 'no two'; end if;
      return new;
    end $$;
    create trigger no_two before insert on ${table} for each row execute function no_two();
    create view ${table}_view as select * from ${table} where amount < 10 with check option`)
  const sinks = [table, `${table}_view`].map((name) => openSink(t, postgres.urlFile, name))
  const [own, view] = sinks.map(({ emit }, index) => (amount: number) => {
    return emit({ id: `${index}${amount}`, amount })
  })
  const triggered = await Promise.allSettled([1, 2, 3].map((amount) => own?.(amount)))
  const checked = await Promise.allSettled([1, 20, 3].map((amount) => view?.(amount)))
  for (const results of [triggered, checked]) {
    assert.deepEqual(settledCodes(results), ['ok', 'OCC_EMIT_ROW', 'ok'])
  }
  assert.deepEqual(
    (await all()).map(({ id }) => id),
    ['01', '03', '11', '13'],
  )
})

test('a repeated key is one row: the first stays, or the newest overwrites named columns', async (t) => {
  const { table, all } = await makeTable(t, 'id text primary key, amount numeric, kind text')
  const types = { kind: 'text' }
  const keeping = openSink(t, postgres.urlFile, table, { types })
  await Promise.all([1, 2, 3].map((amount) => keeping.emit({ id: 'a', amount, kind: 'first' })))
  assert.deepEqual(await all(), [{ id: 'a', amount: '1', kind: 'first' }])
  const updating = openSink(t, postgres.urlFile, table, { types, update: ['amount'] })
  await Promise.all([4, 5, 6].map((amount) => updating.emit({ id: 'a', amount, kind: 'other' })))
  assert.deepEqual(await all(), [{ id: 'a', amount: '6', kind: 'first' }])
  // Equal for the type of the column, but not as text: the database sees one key twice.
  const numbers = await makeTable(t, 'id numeric primary key, amount numeric')
  const options = { update: ['amount'], types: { id: 'numeric' } }
  const both = openSink(t, postgres.urlFile, numbers.table, options)
  await Promise.all([both.emit({ id: '1', amount: 1 }), both.emit({ id: '1.0', amount: 2 })])
  assert.deepEqual(await numbers.all('select amount from {table}'), [{ amount: '2' }])
})

test('a missing table, column or unique index is the fault of the sink, not of the value', async (t) => {
  const { table } = await makeTable(t, 'id text, amount numeric')
  const codeFor = async (name: string, over = {}) => {
    const { check, emit, meter } = openSink(t, postgres.urlFile, name, over)
    const [problem] = await check()
    await assert.rejects(emit({ id: 'a' }), { code: 'OCC_EMIT', retriable: true })
    assert.equal(meter.up, 0)
    return codeOf(problem?.error)
  }
  assert.equal(await codeFor('nowhere'), 'OCC_POSTGRES_TABLE')
  assert.equal(await codeFor(table), 'OCC_POSTGRES_COLUMNS')
  assert.equal(await codeFor(table, { key: [], types: { no: 'text' } }), 'OCC_POSTGRES_COLUMNS')
  assert.equal(
    await codeFor(table, { key: [], types: { amount: 'boolean' } }),
    'OCC_POSTGRES_COLUMNS',
  )
  const { check } = openSink(t, postgres.urlFile, table, { key: [] })
  assert.deepEqual(await check(), [], 'a table without a key is fine without key')
  // No row can fill it.
  const strict = await makeTable(t, 'id text primary key, amount numeric, who text not null')
  assert.equal(await codeFor(strict.table), 'OCC_POSTGRES_COLUMNS')
  const parted = await makeTable(t, 'id text, amount numeric, who text not null')
  await parted.pool.query(`
    create table ${parted.table}_of (like ${parted.table}, primary key (id)) partition by list (id);
    create table ${parted.table}_of_rest partition of ${parted.table}_of default`)
  assert.equal(await codeFor(`${parted.table}_of`), 'OCC_POSTGRES_COLUMNS')
})

test('a column that must have a value is filled by a default, a sequence or a trigger', async (t) => {
  const { table, all, pool } = await makeTable(
    t,
    `id text primary key, amount numeric, who text not null default 'x',
    number bigint not null generated always as identity, twice numeric not null generated always as (2) stored`,
  )
  const { check, emit } = openSink(t, postgres.urlFile, table)
  assert.deepEqual(await check(), [])
  await emit({ id: 'a', amount: 1 })
  await pool.query(`
    alter table ${table} add late text not null default '';
    alter table ${table} alter late drop default;
    create function ${table}_fill() returns trigger language plpgsql as $$
    begin new.late = 'filled'; return new; end $$;
    create trigger fill before insert on ${table} for each row execute function ${table}_fill()`)
  assert.deepEqual(await check(), [])
  await emit({ id: 'b', amount: 1 })
  assert.deepEqual(
    (await all()).map(({ id, late }) => `${id} ${late}`),
    ['a ', 'b filled'],
  )
})

test('a database that dies and is back: what failed meanwhile succeeds, each row once', async (t) => {
  const { table, all } = await makeTable(t)
  const { emit, meter } = openSink(t, postgres.urlFile, table)
  await emit({ id: 'before', amount: 1 })
  await postgres.kill()
  const down = await Promise.allSettled(['a', 'b'].map((id) => emit({ id, amount: 1 })))
  assert.deepEqual(settledCodes(down), ['OCC_EMIT', 'OCC_EMIT'])
  assert.equal(meter.up, 0)
  await postgres.start()
  await Promise.all(['before', 'a', 'b'].map((id) => emit({ id, amount: 2 })))
  assert.equal(meter.up, 1)
  assert.deepEqual(
    (await all()).map(({ id, amount }) => `${id} ${amount}`),
    ['a 2', 'b 2', 'before 1'],
  )
})

test('two sinks that update the same rows in every order: none fails', async (t) => {
  const { table, all } = await makeTable(t)
  const sinks = [0, 1].map(() =>
    openSink(t, postgres.urlFile, table, {
      update: ['amount'],
      // Smaller than a round, so that the two hold locks of many batches.
      batch: { rows: 100, bytes: 1e6, within: 0 },
    }),
  )
  const ids = Array.from({ length: 500 }, (_, index) => String(index))
  for (let round = 1; round <= 10; round++) {
    const results = await Promise.allSettled(
      sinks.flatMap(({ emit }, index) => {
        const order = index === 0 ? ids : ids.toReversed()
        return order.map((id) => emit({ id, amount: round }))
      }),
    )
    assert.ok(settledCodes(results).every((code) => code === 'ok'))
  }
  const [figures] = await all('select count(*)::int as rows, sum(amount)::int as sum from {table}')
  assert.deepEqual(figures, { rows: 500, sum: 5_000 })
})

test('an idle connection that the server ended is no failure of a later value', async (t) => {
  const { table, pool } = await makeTable(t)
  const { emit } = openSink(t, postgres.urlFile, table)
  await emit({ id: 'a' })
  await pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and application_name = 'onchain-consumer'`,
  )
  await assert.doesNotReject(emit({ id: 'b' }).catch(() => emit({ id: 'b' })))
})
