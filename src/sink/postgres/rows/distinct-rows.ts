import type { Row, RowTable } from './table.ts'

/**
 * The rows of a batch with each key once, ordered by key. One statement may not touch a row twice;
 * and if every process locks its rows in the same order, none waits for another in a circle. Of
 * rows with the same key the last one stays if it would overwrite the others, otherwise the first.
 */
export function createDistinctRows({ columns, key, update }: RowTable) {
  const places = key.map((name) => columns.findIndex((column) => column.name === name))
  const overwrites = update.length > 0
  const [first = -1, ...others] = places

  /** null: no two NULLs are the same for a unique index. */
  function keyOf(row: Row): string | null {
    let text = row[first] ?? null
    for (const place of others) {
      const part = row[place] ?? null
      // No cell contains U+0000.
      text = text === null || part === null ? null : `${text}\u0000${part}`
    }
    return text
  }

  return (rows: readonly Row[]): readonly Row[] => {
    if (places.length === 0) return rows
    const byKey = new Map<string, Row>()
    const withoutKey: Row[] = []
    for (const row of rows) {
      const text = keyOf(row)
      if (text === null) withoutKey.push(row)
      else if (overwrites || !byKey.has(text)) byKey.set(text, row)
    }
    const sorted: Row[] = []
    for (const text of [...byKey.keys()].sort()) {
      const row = byKey.get(text)
      if (row !== undefined) sorted.push(row)
    }
    return withoutKey.length === 0 ? sorted : [...sorted, ...withoutKey]
  }
}
