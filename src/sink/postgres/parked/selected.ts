import type { PostgresPool } from '../pool.ts'
import { type ParkedFilter, valuesOf } from './list.ts'
import { reasonText, rowToClaimed } from './rows.ts'
import { parkedStatements } from './statements.ts'
import type { ClaimedRecord } from './types.ts'

/** Rows of one statement. */
const BATCH = 100

/** A parked record that a command has taken. */
export interface TakenRecord extends ClaimedRecord {
  readonly group: string
  readonly reason: string
}

/** Parked records that people have selected; none of them that a process is handling. */
export interface SelectedRecords {
  /** They are due now. At most BATCH; empty: there are no more. Returns how many. */
  dueNow(most: number): Promise<number>
  /** Claims the next ones, so that nobody else handles them. Empty: there are no more. */
  take(most: number): Promise<readonly TakenRecord[]>
  /** False: another process has taken it meanwhile. */
  end(taken: TakenRecord): Promise<boolean>
  /** Others may take it again. */
  release(taken: TakenRecord): Promise<void>
}

/** Each is seen once. @param lease milliseconds @param owner for people who read the table */
export function selectParkedRecords(
  pool: PostgresPool,
  table: string,
  filter: ParkedFilter,
  { lease, owner }: { readonly lease: number; readonly owner: string },
): SelectedRecords {
  const statements = parkedStatements(table)
  const values = valuesOf(filter)
  let last = '0'

  async function next(statement: string, most: number, more: readonly unknown[] = []) {
    const { rows } = await pool.query(statement, [...values, Math.min(most, BATCH), last, ...more])
    for (const { id } of rows) if (BigInt(id) > BigInt(last)) last = String(id)
    return rows
  }

  return {
    dueNow: async (most) => (await next(statements.dueNow, most)).length,
    async take(most) {
      const rows = await next(statements.take, most, [lease, owner])
      return rows.map((row) => ({
        ...rowToClaimed(row),
        group: String(row['consumer_group']),
        reason: reasonText(String(row['reason'])),
      }))
    },
    async end({ id, claim }) {
      return (await pool.query(statements.end, [id, claim])).rowCount === 1
    },
    async release({ id, claim }) {
      await pool.query(statements.release, [id, claim])
    },
  }
}
