// node_modules/.bin/node bench/rows.ts: the shapes of a statement that writes many rows into
// PostgreSQL, and what the indexes and the partitions of a table cost; all in one run, in turns.
import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { startPostgres } from '../dev/postgres/embedded-postgres.ts'
import { table as printed } from '../src/cli/terminal/terminal.ts'
import { silentLog } from '../src/kernel/log.ts'
import { systemClock } from '../src/kernel/time/clock.ts'
import { createPostgresPool } from '../src/sink/postgres/pool.ts'
import type { Row, RowSource } from '../src/sink/postgres/rows/table.ts'
import { createDayPartitions } from '../src/sink/postgres/tables/day-partitions.ts'
import { createEventSource, type EmittedEvent } from '../src/sink/postgres/tables/event-table.ts'
import {
  createMigrations,
  type EventMigrationOptions,
} from '../src/sink/postgres/tables/migrations.ts'
import { transfers } from '../src/sink/postgres/tables/transfers.ts'
import { serverCpu } from './cpu.ts'
import { count, readFlags } from './flags.ts'
import { median } from './report.ts'
import { type Shape, shapesFor, unnest } from './rows/shapes.ts'

const flags = readFlags(
  'node_modules/.bin/node bench/rows.ts',
  {
    turns: { value: 'N', about: 'runs of each; the medians count; default: 5' },
    rows: { value: 'N', about: 'rows of each run; of one INSERT a row a tenth; default: 50000' },
  },
  ({ turns, rows }) => ({
    turns: count('turns', turns, 5),
    rows: count('rows', rows, 50_000),
  }),
)
const BATCHES = [100, 500, 5_000]
/** So many wallets share the rows. */
const WALLETS = 20_000

interface Run {
  readonly rate: number
  /** Microseconds of CPU a row. */
  readonly client: number
  readonly server: number
  /** Bytes a row, on disk. */
  readonly table: number
  readonly indexes: number
}

const postgres = await startPostgres()
const pool = createPostgresPool(
  {
    urlFile: postgres.urlFile,
    maxConnections: 2,
    connectionTimeout: 10_000,
    statementTimeout: 60_000,
  },
  silentLog,
  'sinks.bench',
)
const client = new pg.Client({ connectionString: postgres.url })
await client.connect()
const wallets = Array.from({ length: WALLETS }, () => randomBytes(33).toString('base64url'))

function eventOf(): EmittedEvent {
  const random = () => wallets[Math.floor(Math.random() * WALLETS)] ?? ''
  const [from, to] = [random(), random()]
  return {
    id: `${randomBytes(66).toString('base64url')}:${Math.floor(Math.random() * 9)}`,
    chain: 'solana',
    kind: 'transfer',
    time: Date.now() - Math.floor(Math.random() * 3_600_000),
    ...{ from, to, addresses: [from, to], success: true },
    asset: { address: random(), symbol: 'USDC', decimals: 6 },
    amount: BigInt(Math.floor(Math.random() * 1e15)),
    ...{ topic: 'solana.transfers', partition: 3, offset: 123_456_789, timestamp: Date.now() },
  }
}

async function made(
  options: Omit<EventMigrationOptions, 'events'>,
  without = '',
): Promise<RowSource> {
  await createMigrations({ events: 'transfers', ...options }, pool).apply()
  if (without !== '') await pool.query(without)
  return createEventSource(transfers, { ...options, nul: 'refuse', perBlock: false })
}

/** Writes fresh rows, which are made before the clock starts, in batches. */
async function measured(
  source: RowSource,
  shape: Shape,
  size: number,
  total: number,
): Promise<Run> {
  const batches: Array<readonly Row[]> = Array.from({ length: Math.ceil(total / size) }, () =>
    source.rowsOf(Array.from({ length: size }, eventOf)),
  )
  await client.query(`truncate ${source.table}; checkpoint`)
  const server = serverCpu(postgres.pid() ?? 0)
  const own = process.cpuUsage()
  const began = performance.now()
  for (const rows of batches) await shape.write(client, rows)
  const seconds = (performance.now() - began) / 1_000
  const { user, system } = process.cpuUsage(own)
  const rows = batches.length * size
  const { rows: found } = await client.query(
    `select (select count(*)::int from ${source.table}) as rows,
       sum(pg_table_size(relid))::int as table, sum(pg_indexes_size(relid))::int as indexes
     from (select '${source.table}'::regclass union select relid from pg_partition_tree('${source.table}')) as all_parts (relid)`,
  )
  if (found[0]?.rows !== rows) throw new Error(`${shape.name}: ${found[0]?.rows} of ${rows} rows`)
  return {
    rate: rows / seconds,
    client: (user + system) / rows,
    server: ((serverCpu(postgres.pid() ?? 0) - server) * 1e6) / rows,
    table: found[0].table / rows,
    indexes: found[0].indexes / rows,
  }
}

interface Contest {
  readonly name: string
  run(): Promise<Run>
}

/** In turns, so that what else goes on at the machine meets all alike. */
async function compare(title: string, contests: readonly Contest[]): Promise<void> {
  const runs = new Map<Contest, Run[]>(contests.map((contest) => [contest, []]))
  // The first turn is for the compiler, and for the server to grow its files.
  for (let turn = -1; turn < flags.turns; turn++) {
    for (const contest of contests) {
      const run = await contest.run()
      if (turn >= 0) runs.get(contest)?.push(run)
    }
  }
  const rows = [...runs].map(([{ name }, all]) => {
    const middle = (of: (run: Run) => number, digits: number) => median(all.map(of)).toFixed(digits)
    return [
      name,
      middle(({ rate }) => rate, 0),
      middle((run) => run.client, 1),
      middle((run) => run.server, 1),
      middle((run) => run.table, 0),
      middle((run) => run.indexes, 0),
    ]
  })
  const header = ['', 'rows/s', 'µs CPU a row: client', 'server', 'bytes a row: table', 'indexes']
  console.log(`\n${title}\n\n${printed(rows, { header })}`)
}

try {
  const unindexed = await made(
    { table: 'plain', partitions: 'none' },
    'drop index plain_receiver_time_idx, plain_sender_time_idx, plain_time_idx',
  )
  const shapes = shapesFor(unindexed)
  await compare(
    `statement shapes, ${flags.rows} rows, only the primary key`,
    shapes.flatMap((shape) =>
      (shape.name.startsWith('one') ? [1] : BATCHES).map((size) => ({
        name: size === 1 ? shape.name : `${shape.name}, ${size}`,
        run: () =>
          measured(unindexed, shape, size, size === 1 ? Math.ceil(flags.rows / 10) : flags.rows),
      })),
    ),
  )
  const indexed = await made({ table: 'indexed', partitions: 'none' })
  const daily = await made({ table: 'daily', partitions: 'day' })
  const days = createDayPartitions(
    { table: 'daily', timeColumn: 1, retention: null },
    pool,
    systemClock,
  )
  await days.makeRoom(daily.rowsOf(Array.from({ length: 1_000 }, eventOf)))
  const textKey = await made(
    { table: 'by_text', partitions: 'none' },
    'drop index by_text_receiver_time_idx, by_text_sender_time_idx, by_text_time_idx; alter table by_text drop constraint by_text_pkey, add primary key (event_id)',
  )
  const tables = [
    { name: 'only the primary key (16 bytes)', source: unindexed },
    { name: 'the id as text in its place', source: { ...textKey, key: ['event_id'] } },
    { name: 'with the indexes of the service', source: indexed },
    { name: 'the same, a partition a day', source: daily },
  ]
  await compare(
    `indexes, ${flags.rows} rows in batches of 1,000`,
    tables.map(({ name, source }) => ({
      name,
      run: () => measured(source, unnest(source), 1_000, flags.rows),
    })),
  )
} finally {
  await client.end()
  await pool.close()
  await postgres.close()
}
