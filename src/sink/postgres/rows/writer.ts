import type { TransactionQuery } from '../../../kernel/held-write.ts'
import { sleep } from '../../../kernel/lifecycle.ts'
import type { PostgresPool } from '../pool.ts'
import { stateOf } from '../server-errors.ts'
import { createDistinctRows } from './distinct-rows.ts'
import { createInsert } from './statement.ts'
import type { Row, RowTable } from './table.ts'

/** Writes rows of one table. */
export interface RowWriter {
  /** Inserts the rows in a transaction of the caller: all of them, or it rejects. */
  insert(query: TransactionQuery, rows: readonly Row[]): Promise<void>
  /** The same in a transaction of its own. No rows: checks the table, its columns and the rights. */
  write(rows: readonly Row[]): Promise<void>
}

/** Deadlocks and serialization failures: the server asks for the same transaction again. */
const AGAIN: ReadonlySet<string> = new Set(['40P01', '40001'])
const ATTEMPTS = 20
/** Milliseconds; times the number of the attempt. */
const PAUSE = 20

/** Whether the server asks for the same transaction again. */
export function runsAgain(error: unknown): boolean {
  return AGAIN.has(stateOf(error))
}

export function createRowWriter(table: RowTable, pool: PostgresPool): RowWriter {
  const { text, valuesOf } = createInsert(table)
  const distinct = createDistinctRows(table)

  async function insert(query: TransactionQuery, rows: readonly Row[]): Promise<void> {
    await query(text, valuesOf(distinct(rows)))
  }

  return {
    insert,
    async write(rows) {
      for (let attempt = 1; ; attempt++) {
        try {
          return await pool.transact((query) => insert(query, rows))
        } catch (error) {
          if (attempt === ATTEMPTS || !runsAgain(error)) throw error
          // At random, so that the two do not meet again.
          await sleep(Math.random() * PAUSE * attempt)
        }
      }
    },
  }
}
