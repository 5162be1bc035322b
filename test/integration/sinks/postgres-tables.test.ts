import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, type TestContext, test } from 'node:test'
import { type EmbeddedPostgres, startPostgres } from '../../../dev/postgres/embedded-postgres.ts'
import { encodeMessage, schemasFolder } from '../../../dev/synthetic/protobuf.ts'
import { openPostgresSink, type PostgresConfig } from '../../../src/app/sinks/open-postgres-sink.ts'
import { connectionProblems } from '../../../src/cli/check/connections.ts'
import { migrate } from '../../../src/cli/migrate/migrate.ts'
import { postgres as sinkSchema } from '../../../src/config/schema/sinks/postgres.ts'
import type { Config } from '../../../src/config/types.ts'
import { createDecoder } from '../../../src/decode/decoder.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { createMeters } from '../../../src/observe/meters/meters.ts'
import { createEmitSinks } from '../../../src/sink/emit/emit-sinks.ts'
import type { EmittedEvent } from '../../../src/sink/postgres/tables/event-table.ts'
import { createMigrations } from '../../../src/sink/postgres/tables/migrations.ts'
import { fakeIo } from '../../support/fake-io.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'
import { poolOf } from './postgres-table.ts'

let postgres: EmbeddedPostgres
before(async () => {
  postgres = await startPostgres()
})
after(() => postgres?.close())

const DAY = 86_400_000
let names = 0

function transfer(over: Partial<EmittedEvent> = {}): EmittedEvent {
  return {
    id: 'sig:0',
    chain: 'solana',
    kind: 'transfer',
    time: Date.now(),
    from: 'Alice',
    to: 'Bob',
    addresses: ['Alice', 'Bob'],
    asset: { address: 'Mint', symbol: 'USDC', decimals: 6 },
    amount: 2n ** 64n - 1n,
    success: true,
    ...{ topic: 'solana.transfers', partition: 3, offset: 2 ** 40, timestamp: 5_000 },
    ...over,
  }
}

const block = { number: 2n ** 40n, hash: '0xblock', parent: '0xbefore' }
const dex = { address: '0xdex', name: 'Uniswap', family: 'v3' }

function trade(over: Partial<EmittedEvent> = {}): EmittedEvent {
  const eth = { address: '', symbol: 'ETH', decimals: 18 }
  const usdc = { address: 'Mint', symbol: 'USDC', decimals: 6 }
  const sides = {
    buy: { asset: eth, amount: 2n ** 256n - 1n, account: 'Alice', more: [] },
    sell: { asset: usdc, amount: 0n, account: 'Alice', more: [] },
  }
  const made = { dex, pool: '0xpool', trader: 'Alice', ...sides, fees: [] }
  return transfer({ id: 'sig:1:trade', chain: 'eth', kind: 'trade', block, trade: made, ...over })
}

const noSide = { asset: null, amount: 1n, account: null, more: [] }
const noAssets = { dex, pool: null, trader: null, buy: noSide, sell: noSide, fees: [] }

function transaction(): EmittedEvent {
  return transfer({
    id: '0xhash',
    chain: 'eth',
    kind: 'transaction',
    to: null,
    amount: null,
    block,
  })
}

function poolFor(t: TestContext) {
  const pool = poolOf(postgres.urlFile)
  t.after(() => pool.close())
  return pool
}

function parsed(keys: object): PostgresConfig {
  return sinkSchema.schema.parse({
    type: 'postgres',
    urlFile: postgres.urlFile,
    ...keys,
  }) as PostgresConfig
}

/** A sink as the configuration opens it. */
function open(t: TestContext, keys: object) {
  const meter = createMeters().sink('db')
  const sink = openPostgresSink('db', parsed(keys), silentLog, meter)
  t.after(() => sink.close())
  const { emit, check } = createEmitSinks(new Map([['db', sink]]), () => meter)
  return { check, emit: (value: unknown) => emit({ handler: 'h', id: 'i' }, 'db', value, null) }
}

test('migrate prints the SQL and changes nothing; --yes makes the table, once for all who ask', async (t) => {
  const pool = poolFor(t)
  const table = `made_${++names}`
  const file = join(temporaryFolder(t), 'config.yaml')
  writeFileSync(
    file,
    `kafka: {brokers: 'b:9092', topics: a, groupId: g}\nsinks: {db: {type: postgres, urlFile: ${postgres.urlFile}, events: transfers, table: ${table}}}\n`,
  )
  const run = async (flags: object) => {
    const io = fakeIo()
    assert.equal(await migrate({ config: file, ...flags }, io), 0, io.stderr.written())
    return io.stdout.written()
  }
  const exists = async () => {
    const { rows } = await pool.query('select to_regclass($1) is not null as is', [table])
    return rows[0]?.is
  }
  const plan = await run({})
  assert.match(plan, new RegExp(`create table "${table}"`))
  assert.match(plan, /Nothing was changed/)
  assert.equal(await exists(), false)
  await pool.query(`begin; ${plan}; rollback`) // it is SQL, comments included
  const all = await Promise.all(Array.from({ length: 4 }, () => run({ yes: true })))
  assert.equal(all.filter((text) => text.includes('applied transfers/0001-create')).length, 1)
  assert.equal(all.filter((text) => text.includes('up to date')).length, 3)
  assert.equal(await exists(), true)
  assert.match(await run({}), /up to date/)
})

test('transfers are rows: exact amounts, the 16 bytes of the event, each event once', async (t) => {
  const pool = poolFor(t)
  const table = `made_${++names}`
  const { emit, check } = open(t, { events: 'transfers', table, migrate: true })
  assert.deepEqual(await check(), [])
  const time = Date.parse('2026-11-28T01:02:03Z')
  const other = { id: 'b', time: null, asset: null, amount: null, block }
  const events = [transfer({ time }), transfer(other)]
  await emit([...events, transfer({ id: 'c', kind: 'transaction' })])
  await Promise.all([emit(events), emit(events[0])])
  const { rows } = await pool.query(
    `select *, id = substring(sha256(convert_to(chain || '/' || event_id, 'UTF8')) for 16) as is_hash
     from ${table} order by event_id desc`,
  )
  assert.equal(rows.length, 2)
  const { id, is_hash: isHash, ...first } = rows[0] ?? {}
  assert.deepEqual([id?.length, isHash], [16, true])
  assert.deepEqual(first, {
    ...{ chain: 'solana', event_id: 'sig:0', time: new Date(time) },
    ...{ sender: 'Alice', receiver: 'Bob', asset: 'Mint', symbol: 'USDC', decimals: 6 },
    ...{ amount: '18446744073709551615', success: true, block_number: null, block_hash: null },
    ...{ topic: 'solana.transfers', partition: 3, record_offset: String(2 ** 40) },
  })
  assert.deepEqual([rows[1]?.time, rows[1]?.amount], [new Date(5_000), null])
  assert.deepEqual([rows[1]?.block_number, rows[1]?.block_hash], [String(block.number), block.hash])
  await assert.rejects(emit({ not: 'an event' }), { code: 'OCC_EMIT_ROW' })
})

test('trades and transactions are rows with their block, exactly, by day too', async (t) => {
  const pool = poolFor(t)
  for (const partitions of ['none', 'day']) {
    const [trades, transactions] = [`made_${++names}`, `made_${++names}`]
    const made = { partitions, migrate: true }
    const toTrades = open(t, { events: 'trades', table: trades, ...made })
    const toTransactions = open(t, { events: 'transactions', table: transactions, ...made })
    const events = [trade(), trade({ id: 'other', trade: noAssets }), transfer(), transaction()]
    await Promise.all(
      [toTrades, toTransactions].flatMap(({ emit }) => [emit(events), emit(events)]),
    )
    const { rows } = await pool.query(`select * from ${trades} order by event_id desc`)
    const { id, time, ...first } = rows[0] ?? {}
    assert.deepEqual(first, {
      ...{ chain: 'eth', event_id: 'sig:1:trade', dex: '0xdex', dex_name: 'Uniswap' },
      ...{ dex_family: 'v3', pool: '0xpool', trader: 'Alice' },
      ...{ bought: '', bought_symbol: 'ETH', bought_decimals: 18 },
      ...{ bought_amount: String(2n ** 256n - 1n) },
      ...{ sold: 'Mint', sold_symbol: 'USDC', sold_decimals: 6, sold_amount: '0' },
      ...{ success: true, block_number: String(2n ** 40n), block_hash: '0xblock' },
      ...{ topic: 'solana.transfers', partition: 3, record_offset: String(2 ** 40) },
    })
    assert.deepEqual([id?.length, time instanceof Date], [16, true])
    assert.deepEqual([rows.length, rows[1]?.bought, rows[1]?.pool], [2, null, null])
    const { rows: found } = await pool.query(`select * from ${transactions}`)
    const [{ event_id: hash, sender, receiver, block_hash: blockHash } = {}] = found
    const expected = [1, '0xhash', 'Alice', null, '0xblock']
    assert.deepEqual([found.length, hash, sender, receiver, blockHash], expected)
  }
})

test('names with U+0000 and four-byte characters, and the extremes of amounts, arrive from Protocol Buffers', async (t) => {
  const pool = poolFor(t)
  const table = `made_${++names}`
  const symbol = 'a\u0000b😀𝔘'
  const amounts = [Buffer.alloc(32, 0xff), Buffer.alloc(8, 0xff), Buffer.of(0), Buffer.alloc(0)]
  const value = encodeMessage('evm_messages.TokenBlockMessage', {
    Header: { Hash: Buffer.alloc(32, 1), Number: Buffer.of(1), Time: 1_700_000_000 },
    Transfers: amounts.map((Amount, Index) => ({
      ...{ Amount, Index, TransactionHeader: { Hash: Buffer.alloc(32, 2) } },
      Currency: { SmartContract: Buffer.alloc(20, 3), Symbol: symbol, Decimals: 18 },
    })),
  })
  const topic = 'eth.tokens.proto'
  const protobuf = { schemas: schemasFolder }
  const place = { topic, partition: 0, offset: 0, timestamp: 0, key: null, headers: undefined }
  const decoded = createDecoder({ topics: [], protobuf, maxMessageBytes: 1e6 }).decode({
    ...place,
    value,
  })
  assert.ok(decoded.ok)
  const { events } = decoded.message
  const refusing = open(t, { events: 'transfers', table })
  await assert.rejects(refusing.emit(events), { code: 'OCC_EMIT_ROW', message: /symbol.*U\+0000/ })
  await open(t, { events: 'transfers', table, migrate: true, nul: 'remove' }).emit(events)
  const { rows } = await pool.query(`select symbol, amount from ${table} order by event_id`)
  assert.deepEqual(
    rows.map((row) => row['amount']),
    [String(2n ** 256n - 1n), String(2n ** 64n - 1n), '0', '0'],
  )
  assert.deepEqual(new Set(rows.map((row) => row['symbol'])), new Set(['ab😀𝔘']))
})

test('without migrate a missing table is said, and no value is to blame', async (t) => {
  const { emit, check } = open(t, { events: 'transfers', table: 'never_made' })
  const [problem] = await check()
  assert.match(String(problem?.error), /never_made.*onchain-consumer migrate/s)
  await assert.rejects(emit(transfer()), { code: 'OCC_EMIT', retriable: true })
})

test('by day: each day has a partition, what is no day of ours is kept apart', async (t) => {
  const pool = poolFor(t)
  const table = `made_${++names}`
  const keys = { events: 'transfers', table, partitions: 'day', migrate: true }
  const { emit } = open(t, keys)
  const days = [0, -1, -300, -500, 3_000, -20_000].map((day) => Date.now() + day * DAY)
  await emit(days.map((time, index) => transfer({ id: String(index), time })))
  // The same again, by another pod.
  await open(t, keys).emit(days.map((time, index) => transfer({ id: String(index), time })))
  const { rows } = await pool.query(
    `select tableoid::regclass::text as place, count(*)::int as rows from ${table} group by 1 order by 1`,
  )
  const dated = days.slice(0, 3).map((time) => new Date(time).toISOString().slice(0, 10))
  const places = dated.map((day) => `${table}_${day.replaceAll('-', '')}`)
  assert.deepEqual(
    rows,
    [...places.map((place) => ({ place, rows: 1 })), { place: `${table}_default`, rows: 3 }].sort(
      (a, b) => (a.place < b.place ? -1 : 1),
    ),
  )
  await assert.rejects(
    createMigrations({ events: 'transfers', table, partitions: 'none' }, pool).pending(),
    { code: 'OCC_MIGRATE' },
  )
})

test('check says when the most pods would need more connections than there are', async () => {
  const problemsOf = async (keys: object, partitions: number) => {
    const sink = parsed({ events: 'transfers', ...keys })
    const config = {
      kafka: { consumers: 2 },
      ...{ alerts: [], handlers: [] },
      offsets: { store: 'kafka', postgres: {}, record: { every: 0 } },
      parked: { store: 'none', postgres: {} },
      sinks: { db: sink, out: { type: 'log' } },
    }
    return connectionProblems(config as unknown as Config, partitions)
  }
  // The server has 30, of which 3 are reserved.
  assert.deepEqual(await problemsOf({ maxConnections: 9 }, 6), [])
  assert.match(String(await problemsOf({ maxConnections: 10 }, 5)), /3 pods.*are 30.*allows 27/)
  assert.deepEqual(await problemsOf({ maxConnections: 10, connectionLimit: 100 }, 5), [])
  assert.match(String(await problemsOf({ connectionLimit: 1 }, 1)), /db\.connectionLimit allows 1/)
})

test('every statement in docs/postgres.md runs against the tables', async (t) => {
  const pool = poolFor(t)
  const { emit } = open(t, { events: 'transfers', migrate: true })
  await open(t, { events: 'trades', migrate: true }).emit([trade({ time: Date.now() })])
  await open(t, { events: 'transactions', migrate: true }).emit(transaction())
  await emit(
    Array.from({ length: 50 }, (_, index) =>
      transfer({ id: String(index), to: index % 3 === 0 ? 'Bob' : 'Carol', amount: BigInt(index) }),
    ),
  )
  const page = readFileSync(join(import.meta.dirname, '../../../docs/postgres.md'), 'utf8')
  const statements = Array.from(page.matchAll(/```sql\n([\s\S]*?)```/g), ([, sql = '']) => sql)
  assert.ok(statements.length >= 4)
  const offsets = 'onchain_offsets'
  await createMigrations({ folder: 'offsets', table: offsets }, pool).apply()
  await pool.query(
    `insert into ${offsets} (consumer_group, topic, partition, epoch, owner) values ('my-group', 'solana.transfers', 0, 1, 'pod')`,
  )
  for (const sql of statements) {
    assert.match(
      sql,
      /onchain_(transfers|trades|transactions|offsets)|chain_service|public\.deposits/,
    )
    const given = sql.replaceAll(':wallet', `'Bob'`).replaceAll(':pool', `'0xpool'`)
    const { rows } = await pool.query(given.replaceAll(':trader', `'Alice'`))
    assert.ok(sql.startsWith('select') ? rows.length > 0 : true, sql)
  }
})
