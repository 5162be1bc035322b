import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import { type EmbeddedPostgres, startPostgres } from '../../../dev/postgres/embedded-postgres.ts'
import type { TransactionResult } from '../../../src/commit/transactions/types.ts'
import { OccError } from '../../../src/kernel/errors.ts'
import type { HeldWrite } from '../../../src/kernel/shapes/held-write.ts'
import { createMeters } from '../../../src/observe/meters/meters.ts'
import { createPostgresTarget } from '../../../src/sink/dead-letters/postgres/target.ts'
import { createOffsetClaims } from '../../../src/sink/postgres/offsets/claims.ts'
import { createRecordTable } from '../../../src/sink/postgres/offsets/recording.ts'
import { createOffsetTable } from '../../../src/sink/postgres/offsets/table.ts'
import { createTransactionTarget } from '../../../src/sink/postgres/offsets/target.ts'
import { createParkedTable } from '../../../src/sink/postgres/parked/table.ts'
import { createRowReorgs } from '../../../src/sink/postgres/reorgs/row-reorgs.ts'
import { createMapping } from '../../../src/sink/postgres/rows/mapping.ts'
import { createRowWriter } from '../../../src/sink/postgres/rows/writer.ts'
import { createDayPartitions } from '../../../src/sink/postgres/tables/day-partitions.ts'
import { createMigrations } from '../../../src/sink/postgres/tables/migrations.ts'
import { letterOf, recordAt } from '../../support/letters.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { poolOf } from './postgres-table.ts'
import { createRival, type Locks, makeVictim } from './rival.ts'

const ROLE = 'victim'
let postgres: EmbeddedPostgres
let victimUrl = ''
before(async () => {
  postgres = await startPostgres()
  victimUrl = await makeVictim(postgres, ROLE)
})
after(() => postgres?.close())

/** A place that sends SQL. */
interface Place {
  readonly locks: Locks
  /** Readies it, and returns it. */
  ready(): Promise<() => Promise<unknown>>
}

type Parts = ReturnType<typeof setUp>

let names = 0

function setUp(t: TestContext) {
  const urlFile = join(temporaryFolder(t), 'url')
  writeFileSync(urlFile, victimUrl)
  const meter = createMeters().database('sinks.db')
  const pool = poolOf(urlFile, {}, meter)
  const direct = poolOf(postgres.urlFile)
  const rival = createRival(postgres, ROLE)
  t.after(() => Promise.all([pool.close(), direct.close(), rival.close()]))
  return { pool, direct, rival, meter, name: `table_${++names}` }
}

const COLUMN = { unit: 'ms', type: 'text' } as const

/** A table of `id` and `block`, with the rows a and b. */
async function rowsIn(
  { direct, pool }: Parts,
  table: string,
  update: readonly string[] = ['block'],
) {
  await direct.query(`create table ${table} (id text primary key, block text)`)
  const columns = { id: { path: 'id', ...COLUMN }, block: { path: 'block', ...COLUMN } }
  const source = createMapping({ table, columns, key: ['id'], update, nul: 'refuse' })
  const insert = async () => {
    await direct.query(`insert into ${table} values ('a', 'x'), ('b', 'y') on conflict do nothing`)
  }
  await insert()
  const lock = (id: string) => `update ${table} set block = block where id = '${id}'`
  return { source, insert, lock, writer: createRowWriter(source, pool) }
}

const NOBODY = { fenced() {}, epochBefore: () => -1 }

async function offsetsIn({ direct, pool }: Parts, table: string) {
  await createMigrations({ folder: 'offsets', table }, direct).apply()
  const { claim, begin } = createOffsetClaims(
    { group: 'g', table, owner: 'pod' },
    pool,
    async () => {},
  )
  const where = [0, 1].map((partition) => ({ topic: 'T', partition }))
  const claimed = () => claim(where, { member: 'm', generation: 1 }, NOBODY)
  const begun = await begin((await claimed()).offsets.map((each) => ({ ...each, offset: 10 })))
  const lock = (partition: number) =>
    `update ${table} set owner = owner where partition = ${partition}`
  return { claimed, begun, lock }
}

/** Offsets, and what else is in their transactions. */
async function transactionsIn(parts: Parts) {
  const { pool, name } = parts
  const { claimed, lock } = await offsetsIn(parts, `${name}_offsets`)
  const rows = await rowsIn(parts, name)
  const held = {
    rowsOf: rows.source.rowsOf,
    prepare: async () => {},
    insert: rows.writer.insert,
    written() {},
  }
  const target = createTransactionTarget({
    ...{ group: 'g', table: `${name}_offsets`, pool, letters: null, workTimeout: 5_000 },
    sinks: new Map([['db', held]]),
    marksOf: () => ({ topicId: null, partitions: null }),
  })
  const ready = (writes: readonly HeldWrite[]) => async () => {
    const { offsets } = await claimed()
    const moves = offsets.map(({ claim }) => {
      const { version } = claim
      const move = { claim, version, next: 11, finished: [], finishedEpoch: -1 }
      return { ...move, metadata: '', recordTime: null }
    })
    return async () => committed(await target.run({ moves, writes, letters: [] }))
  }
  return { ready, lock, rows }
}

function committed(result: TransactionResult): void {
  if (result.kind === 'committed') return
  throw result.kind === 'mismatch' ? new Error('mismatch') : result.error
}

const of = { handler: 'h', offsets: [10] }

const places: Readonly<Record<string, (parts: Parts) => Promise<Place>>> = {
  'rows of a sink': async (parts) => {
    const { lock, writer } = await rowsIn(parts, parts.name)
    return {
      locks: { first: lock('a'), last: lock('b') },
      ready: async () => () =>
        writer.write([
          ['b', '1'],
          ['a', '1'],
        ]),
    }
  },
  'rows of superseded blocks': async (parts) => {
    const { lock, source, insert } = await rowsIn(parts, parts.name)
    const reorgs = createRowReorgs(source, { onReorg: 'delete', hashColumn: 'block' })
    const writer = createRowWriter(reorgs.source, parts.pool, reorgs)
    const blocks = ['x', 'y'].map((hash) => ({ number: 1n, hash, supersededBy: 'z' }))
    return {
      locks: { first: lock('a'), last: lock('b') },
      ready: async () => {
        await insert()
        return () => writer.write([{ blocks }])
      },
    }
  },
  'offsets and rows in one transaction': async (parts) => {
    const { ready, lock, rows } = await transactionsIn(parts)
    const write = { kind: 'rows', ...of, sink: 'db', rows: [['a', '1']], bytes: 2 } as const
    return { locks: { first: lock(0), last: rows.lock('a') }, ready: ready([write]) }
  },
  'statements of a handler': async (parts) => {
    const { ready, rows } = await transactionsIn(parts)
    const [first, last] = [rows.lock('b'), rows.lock('a')]
    const run: Extract<HeldWrite, { kind: 'work' }>['run'] = async (query) => {
      await query(first)
      await query(last)
    }
    return { locks: { first, last }, ready: ready([{ kind: 'work', ...of, run }]) }
  },
  'claims of partitions': async (parts) => {
    const { claimed, lock } = await offsetsIn(parts, parts.name)
    return { locks: { first: lock(0), last: lock(1) }, ready: async () => claimed }
  },
  'offsets that an operator sets': async (parts) => {
    const { lock } = await offsetsIn(parts, parts.name)
    const { pool, name } = parts
    const table = createOffsetTable({ group: 'g', table: name, owner: 'me' }, pool)
    return {
      locks: { first: lock(0), last: lock(1) },
      ready: async () => {
        const seen = await table.read()
        return () => table.set(seen.map((row) => ({ ...row, offset: 3, operator: '', seen: row })))
      },
    }
  },
  'recorded offsets': async ({ pool, direct, name }) => {
    await createMigrations({ folder: 'recorded-offsets', table: name }, direct).apply()
    const table = createRecordTable({ group: 'g', table: name, owner: 'pod' }, pool)
    const offsets = [0, 1].map((partition) => {
      const where = { topic: 'T', partition, finished: [], topicId: null }
      return { ...where, offset: 1, committedAt: 1 }
    })
    await table.write(offsets)
    const lock = (partition: number) =>
      `update ${name} set owner = owner where partition = ${partition}`
    return {
      locks: { first: lock(0), last: lock(1) },
      ready: async () => () => table.write(offsets),
    }
  },
  'dead letters': async ({ pool, name }) => {
    const target = createPostgresTarget({ table: name, createTable: true }, pool)
    const keep = () => Promise.all([1, 2].map((offset) => target.keep(letterOf(offset))))
    await keep()
    const lock = (offset: number) =>
      `update ${name} set attempts = attempts where original_offset = ${offset}`
    return { locks: { first: lock(1), last: lock(2) }, ready: async () => keep }
  },
  'parked records': async ({ pool, direct, name }) => {
    await createMigrations({ folder: 'parked', table: name }, direct).apply()
    const options = { group: 'g', table: name, owner: 'pod', lease: 60_000, maxRecords: 100 }
    const table = createParkedTable(options, pool, async () => {})
    const park = () =>
      pool.transact(async (query) => {
        for (const offset of [1, 2]) {
          const why = { handler: 'h', after: 0, reason: '', code: null, hold: null }
          await table.park(query, { record: recordAt(offset), ...why })
        }
      })
    await park()
    const lock = (offset: number) =>
      `update ${name} set owner = owner where record_offset = ${offset}`
    return { locks: { first: lock(1), last: lock(2) }, ready: async () => park }
  },
  migrations: async ({ pool, name }) => {
    let made = 0
    const migrations = () =>
      createMigrations({ folder: 'parked', table: `${name}_${++made}` }, pool)
    await migrations().apply()
    return {
      locks: {
        first: `select pg_advisory_xact_lock(hashtext('onchain-consumer migrate'))`,
        last: 'lock table onchain_migrations',
      },
      ready: async () => migrations().apply,
    }
  },
  'partitions by day': async ({ pool, direct, name }) => {
    await createMigrations({ events: 'transfers', table: name, partitions: 'day' }, direct).apply()
    let day = Date.parse('2026-11-28T00:00:00Z')
    const clock = { now: () => day, monotonic: () => day }
    const days = createDayPartitions({ table: name, timeColumn: 0, retention: null }, pool, clock)
    return {
      locks: {
        first: `select pg_advisory_xact_lock(hashtext('onchain-consumer partitions'))`,
        last: `lock table ${name} in row exclusive mode`,
      },
      ready: async () => {
        day += 24 * 3_600_000
        return () => days.makeRoom([[new Date(day).toISOString()]])
      },
    }
  },
}

/** Rounds, at most: a machine under load may let the rival be the one that is broken off. */
const MOST = 20

for (const [name, make] of Object.entries(places)) {
  test(`${name}: broken off by the server, they run again`, async (t) => {
    const parts = setUp(t)
    const { rival, meter, pool } = parts
    const { locks, ready } = await make(parts)
    const done: Array<Promise<unknown>> = []
    const begin = (run: () => Promise<unknown>) => () => {
      const running = run()
      running.catch(() => {})
      done.push(running)
    }
    for (let round = 0; meter.retries['40P01'] === 0 && round < MOST; round++) {
      await rival.cross(locks, begin(await ready()))
      await Promise.all(done)
    }
    assert.ok(meter.retries['40P01'] > 0, 'a deadlock')
    await rival.overtake(locks, begin(await ready()))
    await Promise.all(done.splice(0))
    // Of locks without rows nothing is read that has changed.
    if (locks.first.startsWith('update')) assert.ok(meter.retries['40001'] > 0, 'no serial order')
    await rival.cut(locks, begin(await ready()))
    await assert.rejects(done[0] ?? Promise.resolve(), (error) => {
      assert.ok(error instanceof OccError)
      assert.equal(error.retriable, true, 'whoever sent it tries again')
      assert.ok(!['OCC_EMIT_ROW', 'OCC_POSTGRES_VALUE'].includes(error.code), error.code)
      return true
    })
    await (await ready())()
    const { rows } = await pool.query('show transaction_isolation')
    assert.equal(rows[0]?.transaction_isolation, 'repeatable read')
  })
}

test('a migration sees what another process has done, whatever the isolation of its role', async (t) => {
  const { pool, name } = setUp(t)
  const applied = await Promise.all(
    [1, 2, 3].map(() => createMigrations({ folder: 'offsets', table: name }, pool).apply()),
  )
  assert.equal(applied.flat().length, 3)
})

test('broken off again and again, the error says where, and not that the database is away', async (t) => {
  const { pool } = setUp(t)
  const failing = pool.query(
    `do $$ begin raise exception 'deadlock detected' using errcode = '40P01'; end $$`,
  )
  await assert.rejects(failing, ({ code, message }: OccError) => {
    assert.equal(code, 'OCC_POSTGRES_CONFLICT')
    assert.match(
      message,
      /deadlock detected, PL\/pgSQL function .* line 1 at RAISE\. Remedy: it was run again many times/,
    )
    assert.doesNotMatch(message, /host and port/)
    return true
  })
})
