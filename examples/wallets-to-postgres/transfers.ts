// Keeps the transfers of watched wallets in PostgreSQL: a row for each, hundreds in one statement.
// A transfer that comes twice updates its row, so it is there once, whatever is delivered again.
import { readFile } from 'node:fs/promises'
import { defineHandler, type Message } from 'onchain-consumer'
import pg from 'pg'

const TABLE = `
create table if not exists transfers (
  id text primary key,
  chain text not null,
  happened_at timestamptz not null,
  from_address text,
  to_address text,
  asset_address text,
  asset_symbol text,
  amount numeric,
  decimals integer,
  success boolean not null,
  source text not null
);
create index if not exists transfers_from on transfers (from_address, happened_at);
create index if not exists transfers_to on transfers (to_address, happened_at);`

const COLUMNS = {
  id: 'text',
  chain: 'text',
  happened_at: 'timestamptz',
  from_address: 'text',
  to_address: 'text',
  asset_address: 'text',
  asset_symbol: 'text',
  amount: 'numeric',
  decimals: 'integer',
  success: 'boolean',
  source: 'text',
} as const

type Row = { readonly [Column in keyof typeof COLUMNS]: string | number | boolean | null }

const names = Object.keys(COLUMNS) as Array<keyof Row>

/** One array for each column: the statement is the same for any number of rows. */
const UPSERT = `
insert into transfers (${names.join(', ')})
select * from unnest(${names.map((name, index) => `$${index + 1}::${COLUMNS[name]}[]`).join(', ')})
on conflict (id) do update set
  happened_at = excluded.happened_at, success = excluded.success, source = excluded.source`

let pool: pg.Pool

export default defineHandler({
  name: 'transfers',
  batch: { size: 500, within: 100 },

  // What is wrong here, `check` says, too.
  async open({ options, log }) {
    const file = String(options['urlFile'])
    const url = (await readFile(file, 'utf8')).trim()
    if (!/^postgres(?:ql)?:\/\/./.test(url)) {
      throw new Error(`${file} does not hold postgresql://user:password@host:port/database`)
    }
    pool = new pg.Pool({
      connectionString: url,
      max: 4,
      connectionTimeoutMillis: 5_000,
      query_timeout: 20_000,
      application_name: 'wallets-to-postgres',
    })
    // An idle connection may die. The next query opens another one.
    pool.on('error', ({ message }) => log.warn({ event: 'postgres.connection-lost' }, message))
    await pool.query(TABLE)
  },

  async close() {
    await pool.end()
  },

  // If the database is away, this throws: the records wait, and are handled once it is back.
  async handle(messages) {
    const rows = new Map(messages.flatMap(rowsOf).map((row) => [row.id, row]))
    if (rows.size === 0) return
    const columns = names.map((name) => Array.from(rows.values(), (row) => row[name]))
    await pool.query(UPSERT, columns)
  },
})

function rowsOf({ events, record }: Message): Row[] {
  return events.map(({ id, chain, time, from, to, asset, amount, success }) => ({
    id,
    chain,
    happened_at: new Date(time ?? record.timestamp).toISOString(),
    from_address: from,
    to_address: to,
    asset_address: asset?.address || null,
    // Symbols are padded with the character 0 on some chains, which PostgreSQL cannot hold.
    asset_symbol: asset?.symbol.replaceAll('\0', '') || null,
    amount: amount === null ? null : String(amount),
    decimals: asset?.decimals ?? null,
    success,
    source: `${record.topic}/${record.partition}/${record.offset}`,
  }))
}
