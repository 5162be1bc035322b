import { quoteName, quoteTable } from '../quote.ts'
import type { Cell, Row, RowTable } from './table.ts'

/** One insert for any number of rows. */
export interface InsertStatement {
  /** The same for every number of rows, so that the database sees one statement. */
  readonly text: string
  /** @param rows no two of them with the same key. */
  valuesOf(rows: readonly Row[]): readonly string[]
}

/**
 * One array per column (`unnest`): the quickest of the shapes in docs/benchmarks.md, and the number
 * of parameters does not grow with the rows.
 */
export function createInsert({ table, columns, key, update }: RowTable): InsertStatement {
  const names = columns.map(({ name }) => quoteName(name)).join(', ')
  const arrays = columns.map(({ type }, index) => `$${index + 1}::${castOf(type)}[]`).join(', ')
  return {
    text: `insert into ${quoteTable(table)} (${names}) select * from unnest(${arrays})${conflict(key, update)}`,
    valuesOf: (rows) => columns.map((_, index) => arrayOf(rows, index)),
  }
}

/** Without a length: a cast to one cuts in silence, where the insert refuses the row. */
function castOf(type: string): string {
  const bare = type.replace(/ ?\([^)]*\)/, '')
  if (/^(n?char|character|national char(acter)?)$/i.test(bare)) return 'bpchar'
  return /^bit$/i.test(bare) ? 'varbit' : bare
}

function conflict(key: readonly string[], update: readonly string[]): string {
  if (key.length === 0) return ''
  const columns = key.map(quoteName).join(', ')
  if (update.length === 0) return ` on conflict (${columns}) do nothing`
  const changes = update
    .map((name) => `${quoteName(name)} = excluded.${quoteName(name)}`)
    .join(', ')
  return ` on conflict (${columns}) do update set ${changes}`
}

/** Once: where it stands in a function, each call makes another one. */
const SPECIAL = /["\\]/

/** The text of an array. pg's own is slower, and copies each value twice. */
function arrayOf(rows: readonly Row[], index: number): string {
  const cells = rows.map((row) => escaped(row[index] ?? null))
  if (cells.length === 0) return '{}'
  if (cells.includes(null)) {
    return `{${cells.map((cell) => (cell === null ? 'NULL' : `"${cell}"`)).join()}}`
  }
  // One join makes one text. Adding to a text makes a piece of memory for each part, and a copy of all later.
  cells[0] = `{"${cells[0]}`
  cells.push(`${cells.pop()}"}`)
  return cells.join('","')
}

function escaped(cell: Cell): Cell {
  return cell !== null && SPECIAL.test(cell) ? cell.replace(/["\\]/g, '\\$&') : cell
}
