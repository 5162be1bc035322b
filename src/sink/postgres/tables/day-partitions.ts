import { messageOf, OccError } from '../../../kernel/errors.ts'
import type { Clock } from '../../../kernel/time/clock.ts'
import type { PostgresPool, PostgresQuery } from '../pool.ts'
import { quoteTable } from '../quote.ts'
import type { Row } from '../rows/table.ts'
import { stateOf } from '../server-errors.ts'

export interface DayPartitionsOptions {
  readonly table: string
  /** Index of the column with the time, as ISO text. */
  readonly timeColumn: number
  /** Milliseconds after which a day is dropped; null: never. */
  readonly retention: number | null
}

/** The partitions of a table, one for each day (UTC) that has rows. */
export interface DayPartitions {
  /** Creates the partitions of the rows' days, and once an hour drops the old ones. */
  makeRoom(rows: readonly Row[]): Promise<void>
}

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** Days beyond these are mistakes of the chain: they go to the default partition. */
const MAX_BACK = 400 * DAY
const MAX_AHEAD = 2 * DAY
const MAX_KNOWN = 10_000
const CHECK_VIOLATION = '23514'
const LOCK = 'onchain-consumer partitions'

export function createDayPartitions(
  { table, timeColumn, retention }: DayPartitionsOptions,
  pool: PostgresPool,
  clock: Clock,
): DayPartitions {
  /** Those that exist, or never will. */
  const settled = new Set<string>()
  let sweptAt = Number.NEGATIVE_INFINITY

  const nameOf = (day: string) => `${table}_${day.replaceAll('-', '')}`
  const oldest = () => clock.now() - (retention ?? MAX_BACK)
  /** Older rows are in the default partition, however long they are kept. */
  const oldestMade = () => clock.now() - Math.min(retention ?? MAX_BACK, MAX_BACK)

  function getsOne(day: string): boolean {
    const start = Date.parse(day)
    return start + DAY > oldestMade() && start < clock.now() + MAX_AHEAD
  }

  async function create(day: string): Promise<void> {
    const end = new Date(Date.parse(day) + DAY).toISOString()
    const range = `from ('${day}T00:00:00Z') to ('${end}')`
    const sql = `create table if not exists ${quoteTable(nameOf(day))} partition of ${quoteTable(table)} for values ${range}`
    try {
      await pool.transact(async (query) => {
        await query('select pg_advisory_xact_lock(hashtext($1))', [LOCK])
        await query(sql)
      })
    } catch (error) {
      // The default partition has rows of the day: those that follow join them.
      if (stateOf(error) !== CHECK_VIOLATION) throw error
    }
  }

  async function drop(query: PostgresQuery): Promise<void> {
    const { rows: lock } = await query('select pg_try_advisory_xact_lock(hashtext($1)) as mine', [
      LOCK,
    ])
    if (lock[0]?.mine !== true) return
    const { rows } = await query(
      `select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
       where i.inhparent = $1::regclass and c.relname ~ '_[0-9]{8}$'`,
      [quoteTable(table)],
    )
    const last = new Date(oldest() - DAY).toISOString().slice(0, 10).replaceAll('-', '')
    const schema = table.includes('.') ? `${table.split('.')[0]}.` : ''
    for (const { relname } of rows) {
      if (String(relname).slice(-8) > last) continue
      await query(`drop table ${quoteTable(`${schema}${relname}`)}`)
    }
    const rest = quoteTable(`${table}_default`)
    await query(`delete from ${rest} where time < $1`, [new Date(oldest()).toISOString()])
  }

  return {
    async makeRoom(rows) {
      try {
        for (const row of rows) {
          const day = String(row[timeColumn]).slice(0, 10)
          if (settled.has(day)) continue
          if (getsOne(day)) await create(day)
          if (settled.size < MAX_KNOWN) settled.add(day)
        }
        if (retention === null || clock.now() - sweptAt < HOUR) return
        sweptAt = clock.now()
        settled.clear()
        await pool.transact(drop)
      } catch (error) {
        // Never the fault of a row.
        throw new OccError('OCC_POSTGRES', `The partitions of ${table}: ${messageOf(error)}`, {
          cause: error,
          retriable: true,
        })
      }
    },
  }
}
