import { readdirSync, readFileSync } from 'node:fs'
import { OccError } from '../../../kernel/errors.ts'
import type { PostgresPool, PostgresQuery } from '../pool.ts'
import { quoteName, quoteTable } from '../quote.ts'
import { eventTable } from './index.ts'

export interface EventMigrationOptions {
  /** The registered table: `transfers`. */
  readonly events: string
  /** Its name in the database. */
  readonly table: string
  readonly partitions: 'none' | 'day'
  /** Whether rows may belong to superseded blocks. Default: false. */
  readonly hasReorgs?: boolean
}

/** Of a table of offsets, or of parked records. */
export interface OwnMigrationOptions {
  readonly folder: 'offsets' | 'recorded-offsets' | 'parked'
  readonly table: string
}

export type MigrationOptions = EventMigrationOptions | OwnMigrationOptions

export interface Migration {
  readonly number: number
  /** Folder and file: `transfers/0001-create`. */
  readonly name: string
  readonly sql: string
}

/** The schema of one table, in numbered steps. */
export interface Migrations {
  /** Reads what is left to do; changes nothing. */
  pending(): Promise<readonly Migration[]>
  /** Does it, in one transaction that no other process can enter; returns what was done. */
  apply(): Promise<readonly Migration[]>
}

/** Beside this file, or beside the bundle. */
const SQL = new URL('./sql/', import.meta.url)
/** What tables with reorgs have besides, whatever their kind; its numbers are above all others. */
const SUPERSEDED = 'superseded'

export function createMigrations(options: MigrationOptions, pool: PostgresPool): Migrations {
  const { table } = options
  const all = migrationsOf(options)
  const schema = table.includes('.') ? `${table.split('.')[0]}.` : ''
  const history = quoteTable(`${schema}onchain_migrations`)

  async function left(query: PostgresQuery): Promise<readonly Migration[]> {
    const { rows: known } = await query('select to_regclass($1) as history', [history])
    if (known[0]?.history === null) return all
    const { rows } = await query(`select name from ${history} where table_name = $1`, [table])
    const done = new Set(rows.map(({ name }) => String(name)))
    const own = [folderOf(all[0]?.name ?? ''), SUPERSEDED]
    const other = [...done].find((name) => !own.includes(folderOf(name)))
    if (other !== undefined) throw otherKind(table, folderOf(other))
    return all.filter(({ name }) => !done.has(name))
  }

  return {
    pending: () => pool.transact(left),
    apply: () =>
      pool.transact(async (query) => {
        // Whatever the default of the role: what another process has done while this one waits is seen.
        await query('set transaction isolation level read committed')
        // Held until the commit, also through a pooler.
        await query('select pg_advisory_xact_lock(hashtext($1))', ['onchain-consumer migrate'])
        const steps = await left(query)
        if (steps.length === 0) return steps
        await query(`create table if not exists ${history} (
          table_name text not null,
          number integer not null,
          name text not null,
          applied_at timestamptz not null default now(),
          primary key (table_name, number)
        )`)
        for (const { number, name, sql } of steps) {
          await query(sql)
          const values = [table, number, name]
          await query(
            `insert into ${history} (table_name, number, name) values ($1, $2, $3)`,
            values,
          )
        }
        return steps
      }),
  }
}

/** The numbered files of a table, with its name in them. */
export function migrationsOf(options: MigrationOptions): Migration[] {
  const { table } = options
  if ('folder' in options) return filesOf(options.folder, table)
  const { events, partitions, hasReorgs = false } = options
  const own = filesOf(eventTable(events).migrations[partitions], table)
  return hasReorgs ? [...own, ...filesOf(SUPERSEDED, table)] : own
}

function filesOf(folder: string, table: string): Migration[] {
  const place = new URL(`${folder}/`, SQL)
  const last = quoteName(`${table.split('.').at(-1)}_default`)
  const inSchema = [...table.split('.').slice(0, -1).map(quoteName), last].join('.')
  return readdirSync(place)
    .toSorted()
    .map((file) => ({
      number: Number.parseInt(file, 10),
      name: `${folder}/${file.replace(/\.sql$/, '')}`,
      sql: readFileSync(new URL(file, place), 'utf8')
        .replaceAll(/(?<!:):table_default\b/g, inSchema)
        .replaceAll(/(?<!:):table\b/g, quoteTable(table))
        .trim(),
    }))
}

function folderOf(name: string): string {
  return name.replace(/\/.*$/, '')
}

function otherKind(table: string, kind: string): OccError {
  return new OccError(
    'OCC_MIGRATE',
    `The table ${table} was made as ${kind}, and the configuration asks for another kind (events, partitions). Remedy: name another table in sinks.<name>.table, or change these keys back; rows can be copied with SQL (docs/postgres.md).`,
  )
}
