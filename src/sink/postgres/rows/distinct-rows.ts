import type { Row, RowTable } from './table.ts'

/**
 * The rows of a batch with each key once, ordered by key. One statement may not touch a row twice;
 * and if every process locks its rows in the same order, none waits for another in a circle. Of
 * rows with the same key the last one stays if it would overwrite the others, otherwise the first.
 */
export function createDistinctRows({ columns, key, update }: RowTable) {
  const places = key.map((name) => columns.findIndex((column) => column.name === name))
  const overwrites = update.length > 0

  return (rows: readonly Row[]): readonly Row[] => {
    if (places.length === 0) return rows
    const byKey = new Map<string, Row>()
    const withoutKey: Row[] = []
    for (const row of rows) {
      const parts = places.map((place) => row[place] ?? null)
      // No two NULLs are the same for a unique index.
      if (parts.includes(null)) {
        withoutKey.push(row)
        continue
      }
      // No cell contains U+0000.
      const text = parts.join('\u0000')
      if (overwrites || !byKey.has(text)) byKey.set(text, row)
    }
    const entries = [...byKey].sort(([a], [b]) => (a < b ? -1 : 1))
    return [...entries.map(([, row]) => row), ...withoutKey]
  }
}
