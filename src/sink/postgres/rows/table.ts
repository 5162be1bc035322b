import type { BlockChange } from '../../../kernel/shapes/held-write.ts'

/** A value of a row as text, which PostgreSQL reads as the type of its column; null is NULL. */
export type Cell = string | null

/** The cells in the order of the columns. */
export type Row = readonly Cell[]

/** One part of an emitted value: a row, or a change of rows that are there. */
export type Entry = Row | BlockChange

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
export interface RowSource<Part extends Entry = Row> extends RowTable {
  /** The rows of one emitted value. @throws OccError OCC_EMIT_ROW */
  rowsOf(value: unknown): readonly Part[]
}

export function isRow(entry: Entry): entry is Row {
  return !isChange(entry)
}

export function isChange(entry: Entry): entry is BlockChange {
  return 'blocks' in entry
}

/** Bytes of the values, about. */
export function bytesOf(entries: readonly Entry[]): number {
  let bytes = 0
  for (const entry of entries) {
    const cells = isRow(entry) ? entry : entry.blocks.map(({ hash }) => hash)
    for (const cell of cells) bytes += cell?.length ?? 4
  }
  return bytes
}
