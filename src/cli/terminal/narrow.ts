import { table, widthOf } from './terminal.ts'

export interface NarrowOptions {
  readonly header: readonly string[]
  /** Columns of the terminal. */
  readonly width: number
  /** Names of the columns that are left out where there is no room, the first one first. */
  readonly least: readonly string[]
  /** The column that is broken into several lines, last of all. Default: none. */
  readonly fit?: string
}

/** What a broken column has at least. */
const MIN_FIT = 20

/** A table without the columns that have no room. Columns that say nothing in any row are left out, too. */
export function narrowTable(
  rows: ReadonlyArray<readonly string[]>,
  { header, width, least, fit }: NarrowOptions,
): string {
  const says = (index: number) => rows.some((row) => (row[index] ?? '') !== '')
  let kept = [...header.keys()].filter((index) => index === 0 || says(index))
  const needs = (index: number) => {
    const natural = Math.max(...[header, ...rows].map((row) => widthOf(row[index] ?? '')))
    return header[index] === fit ? Math.min(natural, MIN_FIT) : natural
  }
  const needed = () => kept.reduce((sum, index) => sum + needs(index) + 2, -2)
  for (const name of least) {
    if (needed() <= width) break
    kept = kept.filter((index) => header[index] !== name)
  }
  const column = kept.findIndex((index) => header[index] === fit)
  const pick = (row: readonly string[]) => kept.map((index) => row[index] ?? '')
  return table(rows.map(pick), {
    header: pick(header),
    ...(column >= 0 && { fit: { column, width } }),
  })
}
