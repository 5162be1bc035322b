import type { TransactionQuery } from '../../../kernel/shapes/held-write.ts'
import type { PostgresPool } from '../pool.ts'
import type { RowReorgs } from '../reorgs/row-reorgs.ts'
import { createDistinctRows } from './distinct-rows.ts'
import { createInsert } from './statement.ts'
import { type Entry, isChange, isRow, type RowTable } from './table.ts'
import { checkFilled, unlessUnfilled } from './unfilled.ts'

/** Writes rows of one table. */
export interface RowWriter {
  /** Inserts rows, and changes others, in a transaction of the caller: all of it, or it rejects. */
  insert(query: TransactionQuery, entries: readonly Entry[]): Promise<void>
  /** The same in a transaction of its own. None: checks the table, its columns and the rights. */
  write(entries: readonly Entry[]): Promise<void>
}

/** @param reorgs null: rows stay as they are, whatever becomes of their blocks. */
export function createRowWriter(
  table: RowTable,
  pool: PostgresPool,
  reorgs: RowReorgs | null = null,
): RowWriter {
  const { text, valuesOf } = createInsert(table)
  const distinct = createDistinctRows(table)

  async function insert(query: TransactionQuery, entries: readonly Entry[]): Promise<void> {
    const rows = entries.filter(isRow)
    const changes = entries.filter(isChange)
    const isCheck = entries.length === 0
    const own = reorgs === null ? rows : reorgs.current(rows)
    if (isCheck) await checkFilled(query, table)
    if (own.length > 0 || isCheck) {
      try {
        await query(text, valuesOf(distinct(own)))
      } catch (error) {
        throw unlessUnfilled(error, table)
      }
    }
    if (changes.length > 0 || isCheck) await reorgs?.change(query, changes)
  }

  return {
    insert,
    write: (entries) => pool.transact((query) => insert(query, entries)),
  }
}
