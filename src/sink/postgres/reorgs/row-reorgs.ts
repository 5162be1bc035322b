import type { BlockChange, TransactionQuery } from '../../../kernel/shapes/held-write.ts'
import { quoteName, quoteTable } from '../quote.ts'
import { cellsOf } from '../rows/cell.ts'
import type { Entry, Row, RowSource } from '../rows/table.ts'
import { SupersededBlocks } from './superseded-blocks.ts'

export interface RowReorgsOptions {
  /** What becomes of the rows of superseded blocks. */
  readonly onReorg: 'mark' | 'delete'
  /** The column with the hash of the block. */
  readonly hashColumn: string
  /** The one with its number; undefined: rows are found by the hash alone. */
  readonly numberColumn?: string | undefined
}

/** A table of which some rows belong to superseded blocks. */
export interface RowReorgs {
  /** Events of reorgs become changes; if rows are marked, there is a column more. */
  readonly source: RowSource<Entry>
  /** The rows as they are to be written now: those of superseded blocks are marked or left out. */
  current(rows: readonly Row[]): readonly Row[]
  /** Changes the rows that are there. No changes: checks the columns and the rights. */
  change(query: TransactionQuery, changes: readonly BlockChange[]): Promise<void>
}

/** The hash of the block in the place of the row's; NULL: the row is valid. */
const MARK = 'superseded_by'

export function createRowReorgs(
  source: RowSource,
  { onReorg, hashColumn, numberColumn }: RowReorgsOptions,
): RowReorgs {
  const marks = onReorg === 'mark'
  const hashAt = source.columns.findIndex(({ name }) => name === hashColumn)
  const typeOf = (column: string) => source.columns.find(({ name }) => name === column)?.type ?? ''
  const type = typeOf(hashColumn)
  const cellOf = cellsOf(hashColumn, { type, unit: 'ms', nul: 'remove' })
  const blocks = new SupersededBlocks((hash) => cellOf(hash) ?? '')
  const text = changeText(source.table, { onReorg, hashColumn, numberColumn }, typeOf)

  function entriesOf(value: object): readonly Entry[] {
    const change = blocks.observe(value)
    if (change !== null) return [change]
    const rows = source.rowsOf(value)
    return marks ? rows.map((row) => [...row, null]) : rows
  }

  return {
    source: {
      ...source,
      columns: marks ? [...source.columns, { name: MARK, type: 'text' }] : source.columns,
      rowsOf: (value) =>
        [value].flat().flatMap((one) => {
          return typeof one === 'object' && one !== null ? entriesOf(one) : source.rowsOf(one)
        }),
    },
    current(rows) {
      const successorOf = (row: Row) => blocks.successorOf(row[hashAt] ?? '') ?? null
      if (!marks) return rows.filter((row) => successorOf(row) === null)
      return rows.map((row) => [...row.slice(0, -1), successorOf(row)])
    },
    async change(query, changes) {
      const all = changes.flatMap((change) => change.blocks)
      const now = all.map(({ number, hash, supersededBy }) => {
        const newest = blocks.successorOf(hash)
        return { number, hash, supersededBy: newest === undefined ? supersededBy : newest }
      })
      // A row that was deleted does not come back with its block.
      const due = marks ? now : now.filter(({ supersededBy }) => supersededBy !== null)
      if (due.length === 0 && all.length > 0) return
      await query(text, [
        due.map(({ hash }) => hash),
        ...(marks ? [due.map(({ supersededBy }) => supersededBy)] : []),
        ...(numberColumn === undefined ? [] : [due.map(({ number }) => String(number))]),
      ])
    },
  }
}

function changeText(
  table: string,
  { onReorg, hashColumn, numberColumn }: RowReorgsOptions,
  typeOf: (column: string) => string,
): string {
  const marks = onReorg === 'mark'
  const parts = [
    { name: 'hash', array: `${typeOf(hashColumn)}[]` },
    ...(marks ? [{ name: 'successor', array: 'text[]' }] : []),
    ...(numberColumn === undefined ? [] : [{ name: 'number', array: `${typeOf(numberColumn)}[]` }]),
  ]
  const arrays = parts.map(({ array }, index) => `$${index + 1}::${array}`).join(', ')
  const names = parts.map(({ name }) => name).join(', ')
  const changed = `unnest(${arrays}) as changed (${names})`
  const where = [
    `own.${quoteName(hashColumn)} = changed.hash`,
    ...(numberColumn === undefined ? [] : [`own.${quoteName(numberColumn)} = changed.number`]),
    ...(marks ? [`own.${MARK} is distinct from changed.successor`] : []),
  ].join(' and ')
  const own = `${quoteTable(table)} as own`
  return marks
    ? `update ${own} set ${MARK} = changed.successor from ${changed} where ${where}`
    : `delete from ${own} using ${changed} where ${where}`
}
