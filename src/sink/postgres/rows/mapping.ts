import { type CellOptions, cellsOf, refused, type TimeUnit } from './cell.ts'
import type { Row, RowSource, RowTable } from './table.ts'

/** Where a column gets its value from. */
export interface ColumnMapping {
  /** Names of fields, separated by dots: `asset.address`, `Calls.0.To`. */
  readonly path: string
  readonly type: string
  readonly unit: TimeUnit
}

export interface MappingOptions extends Omit<RowTable, 'columns'> {
  readonly columns: Readonly<Record<string, ColumnMapping>>
  readonly nul: CellOptions['nul']
}

/** Rows of a user's table: one of an object, several of a list of objects. */
export function createMapping({ columns, nul, ...table }: MappingOptions): RowSource {
  const readers = Object.entries(columns).map(([name, { path, type, unit }]) => ({
    name,
    path: path.split('.'),
    type,
    cellOf: cellsOf(name, { type, unit, nul }),
  }))

  function rowOf(value: unknown): Row {
    if (typeof value !== 'object' || value === null) {
      throw refused(
        `it is ${value === null ? 'null' : typeof value}. Emit an object or a list of them`,
      )
    }
    return readers.map(({ path, cellOf }) => cellOf(valueAt(value, path)))
  }

  return {
    ...table,
    columns: readers.map(({ name, type }) => ({ name, type })),
    rowsOf: (value) => (Array.isArray(value) ? value.map(rowOf) : [rowOf(value)]),
  }
}

/** undefined if a part of the path is missing, which becomes NULL. */
function valueAt(value: object, path: readonly string[]): unknown {
  let inner: unknown = value
  for (const name of path) {
    if (typeof inner !== 'object' || inner === null || !Object.hasOwn(inner, name)) return undefined
    inner = (inner as Readonly<Record<string, unknown>>)[name]
  }
  return inner
}
