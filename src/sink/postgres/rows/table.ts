/** A value of a row as text, which PostgreSQL reads as the type of its column; null is NULL. */
export type Cell = string | null

/** The cells in the order of the columns. */
export type Row = readonly Cell[]

export interface Column {
  readonly name: string
  /** A type of PostgreSQL: `numeric`, `timestamptz`. Not an array. */
  readonly type: string
}

/** How rows get into a table. */
export interface RowTable {
  /** `table` or `schema.table`. */
  readonly table: string
  readonly columns: readonly Column[]
  /** Columns of a unique index; empty: rows are only inserted, and repeated ones are kept. */
  readonly key: readonly string[]
  /** Columns that a row with a known key overwrites; empty: the row that is there stays. */
  readonly update: readonly string[]
}

/** A table and how a value becomes its rows. */
export interface RowSource extends RowTable {
  /** The rows of one emitted value. @throws OccError OCC_EMIT_ROW */
  rowsOf(value: unknown): readonly Row[]
}

/** Bytes of the values, about. */
export function bytesOf(rows: readonly Row[]): number {
  let bytes = 0
  for (const row of rows) for (const cell of row) bytes += cell?.length ?? 4
  return bytes
}
