import { OccError } from '../../../kernel/errors.ts'
import type { TransactionQuery } from '../../../kernel/shapes/held-write.ts'
import type { ParkedCount } from '../../../kernel/shapes/parked.ts'
import { partitionName, recordName } from '../../../kernel/shapes/record.ts'
import { bigintOf, withoutZero } from '../../dead-letters/postgres/table.ts'
import type { PostgresPool } from '../pool.ts'
import { parkedToValues, reasonText, rowToClaimed, timeOf } from './rows.ts'
import { MOST_COUNTED, parkedStatements } from './statements.ts'
import type { ClaimedRecord, ParkedTable } from './types.ts'

export interface ParkedTableOptions {
  readonly group: string
  readonly table: string
  /** The process, for people who read the table. */
  readonly owner: string
  /** Milliseconds that a claim lasts. */
  readonly lease: number
  /** Maximum records of the group. */
  readonly maxRecords: number
}

/** Milliseconds: how old the count may be that new records are compared with. */
const COUNT_AGE = 5_000
/** Keys that are remembered for a partition: some megabytes. */
const MOST_HELD = 20_000

export function createParkedTable(
  { group, table, owner, lease, maxRecords }: ParkedTableOptions,
  pool: PostgresPool,
  /** Before each statement: makes the table, once. */
  prepare: () => Promise<void>,
): ParkedTable {
  const statements = parkedStatements(table)
  let counted: { readonly at: number; readonly records: number } | null = null
  /** By name: a transaction may run again. */
  const parkedSince = new Set<string>()
  let counting: Promise<ParkedCount> | null = null

  /** All that ask meanwhile share one count: hundreds of partitions may park at once. */
  function count(): Promise<ParkedCount> {
    counting ??= countNow().finally(() => {
      counting = null
    })
    return counting
  }

  async function countNow(): Promise<ParkedCount> {
    await prepare()
    const { rows } = await pool.query(statements.count, [group])
    const [row] = rows
    const exact = Number(row?.records)
    const records = exact < MOST_COUNTED ? exact : Math.max(exact, await estimate())
    counted = { at: performance.now(), records }
    parkedSince.clear()
    return { records, due: Number(row?.due), nextDueAt: timeOf(row?.next_due) }
  }

  /** Of the planner, by the statistics of the table. */
  async function estimate(): Promise<number> {
    const { rows } = await pool.query(statements.estimate, [group])
    const [plan] = (rows[0]?.['QUERY PLAN'] ?? []) as readonly [
      { Plan?: { 'Plan Rows'?: number } }?,
    ]
    return plan?.Plan?.['Plan Rows'] ?? 0
  }

  async function admit(): Promise<void> {
    await prepare()
    const isOld = counted === null || performance.now() - counted.at > COUNT_AGE
    if (isOld) await count()
    if ((counted?.records ?? 0) + parkedSince.size < maxRecords) return
    throw new OccError(
      'OCC_PARKED_FULL',
      `The group ${group} has ${counted?.records} parked records, and parked.maxRecords is ${maxRecords}. Remedy: see why (dlq list --parked), or raise parked.maxRecords.`,
      { retriable: true },
    )
  }

  /** One row, or it is not this process's own any more. */
  async function touch(
    query: TransactionQuery,
    statement: string,
    claimed: ClaimedRecord,
    values: readonly unknown[] = [],
  ): Promise<void> {
    const { rowCount } = await query(statement, [claimed.id, claimed.claim, ...values])
    if (rowCount === 1) return
    throw new OccError(
      'OCC_PARKED_FENCED',
      `The parked record ${recordName(claimed.record)} was taken over by another process, or has been ended.`,
      { retriable: true },
    )
  }

  return {
    admit,
    async park(query, toPark) {
      await query(statements.park, parkedToValues(group, toPark))
      parkedSince.add(recordName(toPark.record))
    },
    async claim(most, { topics, partitions, handlers }) {
      await prepare()
      const names = partitions.map(partitionName)
      const values = [group, most, lease, owner, topics, names, handlers]
      const { rows } = await pool.query(statements.claim, values)
      return rows.map(rowToClaimed)
    },
    async renew(claimed) {
      const { rows } = await pool.query(statements.renew, [
        claimed.map(({ id }) => id),
        claimed.map(({ claim }) => claim),
        lease,
      ])
      return new Set(rows.map(({ id }) => String(id)))
    },
    end: (query, claimed) => touch(query, statements.end, claimed),
    async again(query, claimed, { after, handler, attempts, reason, code }) {
      const { id, claim, due } = claimed
      if (handler !== due.handler) await query(statements.merge, [id, claim, handler ?? ''])
      const texts = [reasonText(reason), withoutZero(code ?? '')]
      await touch(query, statements.again, claimed, [after, handler ?? '', attempts, ...texts])
    },
    release: (claimed) => touch(pool.query, statements.release, claimed),
    async held({ topic, partition }) {
      await prepare()
      const values = [group, topic, partition, MOST_HELD + 1]
      const { rows } = await pool.query(statements.held, values)
      return rows.length > MOST_HELD ? null : new Set(rows.map(({ hold }) => String(hold)))
    },
    async holderOf({ topic, partition, offset, timestamp }, hold) {
      const values = [group, topic, partition, hold, offset, bigintOf(timestamp)]
      const { rows } = await pool.query(statements.holder, values)
      if (rows[0]?.is_held !== true) return 'none'
      return rows[0].is_itself === true ? 'itself' : 'other'
    },
    count,
  }
}

/** Rejects with OCC_POSTGRES_* if the table, its columns or the rights are not there. Changes nothing. */
export async function checkParkedTable(pool: PostgresPool, table: string): Promise<void> {
  await pool.transact(async (query) => {
    for (const probe of parkedStatements(table).probes) await query(probe)
  })
}
