import type { TransactionQuery } from '../../../kernel/held-write.ts'
import type { PostgresPool } from '../pool.ts'
import { runAgain } from '../run-again.ts'
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

export function createRowWriter(table: RowTable, pool: PostgresPool): RowWriter {
  const { text, valuesOf } = createInsert(table)
  const distinct = createDistinctRows(table)

  async function insert(query: TransactionQuery, rows: readonly Row[]): Promise<void> {
    await query(text, valuesOf(distinct(rows)))
  }

  return {
    insert,
    write: (rows) => runAgain(() => pool.transact((query) => insert(query, rows))),
  }
}
