import assert from 'node:assert/strict'
import { after, before, type TestContext, test } from 'node:test'
import { type EmbeddedPostgres, startPostgres } from '../../../dev/postgres/embedded-postgres.ts'
import { decodeMetadata } from '../../../src/broker/offsets/commit-metadata.ts'
import type { ClaimHolder, FirstOffset } from '../../../src/broker/offsets/offset-claims.ts'
import type { Move, Transaction } from '../../../src/commit/transactions/types.ts'
import type { HeldRows, HeldWork, TransactionQuery } from '../../../src/kernel/shapes/held-write.ts'
import { createOffsetClaims } from '../../../src/sink/postgres/offsets/claims.ts'
import { checkOffsetTable } from '../../../src/sink/postgres/offsets/statements.ts'
import { createOffsetTable } from '../../../src/sink/postgres/offsets/table.ts'
import { createTransactionTarget } from '../../../src/sink/postgres/offsets/target.ts'
import { createMigrations } from '../../../src/sink/postgres/tables/migrations.ts'
import { startCommitProxy } from '../../support/servers/commit-proxy.ts'
import { translatedPostgres } from '../../support/servers/translated-postgres.ts'
import { openSink, poolOf } from './postgres-table.ts'

let postgres: EmbeddedPostgres
before(async () => {
  postgres = await startPostgres()
})
after(() => postgres?.close())

let names = 0

/** A table of offsets, one of rows without a key, and a process that uses both. */
async function setUp(t: TestContext, { urlFile = postgres.urlFile, workTimeout = 30_000 } = {}) {
  const direct = poolOf(postgres.urlFile)
  const pool = poolOf(urlFile)
  t.after(() => Promise.all([direct.close(), pool.close()]))
  const table = `offsets_${++names}`
  const rows = `rows_${names}`
  await createMigrations({ folder: 'offsets', table }, direct).apply()
  await direct.query(`create table ${rows} (id text, amount numeric(5))`)
  const { sink } = openSink(t, postgres.urlFile, rows, { key: [] })
  const target = createTransactionTarget({
    ...{ group: 'g', table, pool, letters: null, workTimeout },
    sinks: new Map([['db', sink.held ?? assert.fail()]]),
    // As the service does, whose answer has more fields than these two.
    marksOf: (metadata) => decodeMetadata(metadata, 0),
  })
  const { claim, begin } = createOffsetClaims(
    { group: 'g', table, owner: 'pod/1' },
    pool,
    async () => {},
  )
  const fenced: number[] = []
  const holder: ClaimHolder = {
    fenced: ({ partition }) => void fenced.push(partition),
    epochBefore: ({ partition }, offset) => 100 * partition + offset,
  }

  /** As a member that gets these partitions, and has 10 as the first offset of each. */
  async function take(...partitions: number[]) {
    const where = partitions.map((partition) => ({ topic: 'T', partition }))
    const { offsets } = await claim(where, { member: 'm', generation: 7 }, holder)
    const isNew = (each: { offset: number | null }) => each.offset === null
    const starts: FirstOffset[] = offsets.filter(isNew).map((each) => ({ ...each, offset: 10 }))
    const begun = starts.length === 0 ? [] : await begin(starts)
    return [...offsets.filter((each) => !isNew(each)).map((each) => each.claim), ...begun]
  }
  const ids = async () =>
    (await direct.query(`select id from ${rows} order by 1`)).rows.map(({ id }) => id)
  const stored = async () =>
    (
      await direct.query(
        `select partition, next_offset::int as next, finished_above as above, epoch::int, writes::int from ${table} order by 1`,
      )
    ).rows
  return { table, rows, pool, direct, target, take, claim, ids, stored, fenced }
}

function rowsOf(...ids: string[]): HeldRows {
  return {
    kind: 'rows',
    handler: 'h',
    sink: 'db',
    offsets: [10],
    rows: ids.map((id) => [id, '1']),
    bytes: 9,
  }
}

function work(run: (query: TransactionQuery) => Promise<unknown>): HeldWork {
  return { kind: 'work', handler: 'h', offsets: [10], run }
}

function moveOf(claim: Move['claim'], next: number, over: Partial<Move> = {}): Move {
  const { version } = claim
  const move = { claim, version, next, finished: [], finishedEpoch: -1 }
  return { ...move, metadata: '', recordTime: null, ...over }
}

function transactionOf(moves: Move[], writes: Transaction['writes']): Transaction {
  return { moves, writes, letters: [] }
}

test('rows are there with the offsets that they move, for people to read', async (t) => {
  const { target, take, ids, stored, direct, table } = await setUp(t)
  const [one, two] = await take(0, 1)
  assert.ok(one && two)
  const above = [
    { from: 14, to: 16 },
    { from: 20, to: 21 },
  ]
  const moves = [
    moveOf(one, 12, { finished: above, recordTime: Date.UTC(2026, 0, 2) }),
    moveOf(two, 11),
  ]
  assert.deepEqual(await target.run(transactionOf(moves, [rowsOf('a'), rowsOf('b')])), {
    kind: 'committed',
  })
  assert.deepEqual(await ids(), ['a', 'b'])
  assert.deepEqual(await stored(), [
    { partition: 0, next: 12, above: '14-15,20', epoch: 1, writes: 2 },
    { partition: 1, next: 11, above: '', epoch: 1, writes: 2 },
  ])
  const { rows } = await direct.query(
    `select owner, generation, record_time from ${table} where partition = 0`,
  )
  assert.deepEqual(rows, [{ owner: 'pod/1/m', generation: 7, record_time: new Date('2026-01-02') }])
  const { rows: again } = await direct.query(`select * from ${table} where partition = 0`)
  assert.equal(again[0]?.consumer_group, 'g')
})

test('an operator sets all rows or none, and whoever had claimed them writes nothing more', async (t) => {
  const { table, pool, target, take, stored } = await setUp(t)
  const [one] = await take(0)
  assert.ok(one)
  const offsets = createOffsetTable({ group: 'g', table, owner: 'me' }, pool)
  const [seen] = await offsets.read()
  const to = (partition: number, was: typeof seen) => {
    return { topic: 'T', partition, offset: 3, operator: 'text', seen: was }
  }
  assert.deepEqual(seen, {
    ...{ topic: 'T', partition: 0, offset: 10, operator: '', topicId: null, epoch: 1, writes: 1 },
  })
  // A member has taken the second one since it was read.
  await take(1)
  await assert.rejects(offsets.set([to(0, seen), to(1, undefined)]), { code: 'OCC_OFFSETS_MOVED' })
  assert.equal((await stored())[0]?.next, 10)
  await offsets.set([to(0, seen), to(2, undefined)])
  assert.deepEqual(
    (await offsets.read()).map(({ partition, offset, operator }) => [partition, offset, operator]),
    [
      [0, 3, 'text'],
      [1, 10, ''],
      [2, 3, 'text'],
    ],
  )
  const late = await target.run(transactionOf([moveOf(one, 11)], [rowsOf('late')]))
  assert.equal(late.kind, 'mismatch')
})

test('who claims a partition gets what is finished, and the one before can write nothing more', async (t) => {
  const { target, take, ids, stored } = await setUp(t)
  const [late] = await take(0)
  const [owner] = await take(0)
  assert.ok(late && owner)
  assert.deepEqual([late.epoch, owner.epoch], [1, 2])
  assert.deepEqual(await target.run(transactionOf([moveOf(late, 11)], [rowsOf('late')])), {
    kind: 'mismatch',
    found: [{ epoch: 2, version: 1 }],
  })
  assert.deepEqual(await ids(), [])
  assert.deepEqual((await stored())[0]?.next, 10)
  assert.equal(
    (await target.run(transactionOf([moveOf(owner, 11)], [rowsOf('x')]))).kind,
    'committed',
  )
})

test('a claim waits for a transaction that is under way, and continues behind it', async (t) => {
  const { target, take, ids, pool } = await setUp(t)
  const [old] = await take(0)
  assert.ok(old)
  const inside = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  const running = target.run(
    transactionOf(
      [moveOf(old, 11)],
      [
        rowsOf('a'),
        work(async () => {
          inside.resolve()
          await goOn.promise
        }),
      ],
    ),
  )
  await inside.promise
  const claiming = take(0)
  // It is waiting for the row.
  for (let waits = false; !waits; ) {
    const { rows } = await pool.query(`select count(*)::int as n from pg_locks where not granted`)
    waits = rows[0]?.n > 0
  }
  goOn.resolve()
  assert.deepEqual(await running, { kind: 'committed' })
  const [claim] = await claiming
  assert.deepEqual([claim?.epoch, claim?.version], [2, 2])
  assert.deepEqual(await ids(), ['a'])
})

const UNKNOWN = ['40003', '08006', '58000'].map((error) => ({ error }))

for (const fate of ['answered', 'late', ...UNKNOWN] as const) {
  test(`a commit whose answer is lost (${JSON.stringify(fate)}) is not made twice`, async (t) => {
    const proxy = await startCommitProxy(t, postgres)
    const { target, take, ids } = await setUp(t, { urlFile: proxy.urlFile })
    const [claim] = await take(0)
    assert.ok(claim)
    const transaction = transactionOf([moveOf(claim, 11)], [rowsOf('a')])
    proxy.fates.push(fate)
    assert.equal((await target.run(transaction)).kind, 'doubt')
    // Waits for the first one, if that is still under way.
    assert.deepEqual(await target.run(transaction), {
      kind: 'mismatch',
      found: [{ epoch: 1, version: claim.version + 1 }],
    })
    assert.deepEqual(await ids(), ['a'])
  })
}

test('what the database refuses leaves nothing, and is told apart from a database that is away', async (t) => {
  const { target, take, ids, stored, direct, rows } = await setUp(t)
  const [claim] = await take(0)
  assert.ok(claim)
  const kindOf = async (...writes: Transaction['writes']) => {
    const result = await target.run(transactionOf([moveOf(claim, 11)], writes))
    return [result.kind, 'error' in result ? result.error.code : null]
  }
  const tooLarge: HeldRows = { ...rowsOf(), rows: [['a', '1234567']] }
  const failing = work((query) => query('select 1 / 0'))
  assert.deepEqual(await kindOf(rowsOf('a'), tooLarge), ['refused', 'OCC_EMIT_ROW'])
  assert.deepEqual(await kindOf(failing), ['refused', 'OCC_EMIT_ROW'])
  // Whoever swallows an error has no transaction either.
  assert.deepEqual(await kindOf(work((query) => query('select 1 / 0').catch(() => {}))), [
    'refused',
    'OCC_EMIT_ROW',
  ])
  assert.deepEqual(await kindOf(work(async () => Promise.reject(new TypeError('x')))), [
    'refused',
    'OCC_EMIT_ROW',
  ])
  assert.deepEqual(await kindOf(work((query) => query('select * from nowhere'))), [
    'failed',
    'OCC_EMIT',
  ])
  // A table that is missing may come; a mistake will never be accepted.
  for (const text of ['selekt 1', 'select $1::int', 'commit']) {
    assert.deepEqual(await kindOf(work((query) => query(text))), ['refused', 'OCC_EMIT_ROW'])
  }
  const missing = await target.run(
    transactionOf([moveOf(claim, 11)], [work((query) => query('select * from nowhere'))]),
  )
  assert.equal(missing.kind === 'failed' && missing.ofPart, true)
  assert.deepEqual([await ids(), (await stored())[0]?.next], [[], 10])
  // A function of a handler is part of it.
  const own = work((query) => query(`insert into ${rows} values ($1, 2)`, ['own']))
  assert.deepEqual(await kindOf(rowsOf('b'), own), ['committed', null])
  assert.deepEqual(await ids(), ['b', 'own'])
  await direct.query('select 1')
})

test('work that never ends is refused when its time is over', async (t) => {
  const { target, take, ids } = await setUp(t, { workTimeout: 500 })
  const [claim] = await take(0)
  assert.ok(claim)
  const writes = [rowsOf('a'), work(() => new Promise(() => {}))]
  const result = await target.run(transactionOf([moveOf(claim, 11)], writes))
  assert.deepEqual(
    [result.kind, 'error' in result ? result.error.code : null],
    ['refused', 'OCC_EMIT_ROW'],
  )
  assert.deepEqual(await ids(), [])
})

/** What is checked at the commit, and refuses two rows with the id `a`. */
const AT_COMMIT = {
  'a constraint': (rows: string) =>
    `alter table ${rows} add unique (id) deferrable initially deferred`,
  'a trigger': (rows: string) => `
    create function check_${rows}() returns trigger language plpgsql as $$ begin
      perform 1 / (2 - count(*)) from ${rows};
      return null;
    end $$;
    create constraint trigger checks after insert on ${rows} deferrable initially deferred
      for each row execute function check_${rows}()`,
}

for (const [what, sqlOf] of Object.entries(AT_COMMIT))
  for (const language of ['English', 'another language']) {
    test(`${what} that is checked at the commit refuses the rows, by a server that speaks ${language}`, async (t) => {
      const urlFile =
        language === 'English' ? postgres.urlFile : await translatedPostgres(t, postgres)
      const { target, take, ids, stored, direct, rows } = await setUp(t, { urlFile })
      await direct.query(sqlOf(rows))
      const [claim] = await take(0)
      assert.ok(claim)
      const twice = transactionOf([moveOf(claim, 11)], [rowsOf('a'), rowsOf('a')])
      const result = await target.run(twice)
      assert.deepEqual(
        [result.kind, 'error' in result ? result.error.code : null],
        ['refused', 'OCC_EMIT_ROW'],
      )
      assert.deepEqual([await ids(), (await stored())[0]?.next], [[], 10])
    })
  }

test('the check of the table says what is missing', async (t) => {
  const { pool, direct, table } = await setUp(t)
  await checkOffsetTable(pool, table)
  await assert.rejects(checkOffsetTable(pool, 'nowhere'), { code: 'OCC_POSTGRES_TABLE' })
  await direct.query(`alter table ${table} drop column record_time`)
  await assert.rejects(checkOffsetTable(pool, table), { code: 'OCC_POSTGRES_COLUMNS' })
})

test('the leader epoch of what is finished is there for the next owner, and not after an operator has set the offset', async (t) => {
  const { target, take, claim, pool, table } = await setUp(t)
  const [one] = await take(0)
  assert.ok(one)
  assert.equal(one.epochBefore(17), 17)
  const known = async () => {
    const where = [{ topic: 'T', partition: 0 }]
    const holder = { fenced() {}, epochBefore: () => -1 }
    const { offsets } = await claim(where, { member: 'n', generation: 8 }, holder)
    return offsets[0]?.finishedEpoch
  }
  await target.run(transactionOf([moveOf(one, 12, { finishedEpoch: 4 })], []))
  assert.equal(await known(), 4)
  const offsets = createOffsetTable({ group: 'g', table, owner: 'me' }, pool)
  const [seen] = await offsets.read()
  await offsets.set([{ topic: 'T', partition: 0, offset: 3, operator: '', seen }])
  assert.equal(await known(), -1)
})
