import { OccError } from '../../../kernel/errors.ts'
import type { TransactionQuery } from '../../../kernel/shapes/held-write.ts'
import { quoteTable } from '../quote.ts'
import { stateOf } from '../server-errors.ts'
import type { RowTable } from './table.ts'

/**
 * Columns that must have a value and have none by themselves. A trigger before the insert may give one, so then
 * the first row has to tell.
 */
const UNFILLED = `select attname from pg_attribute join pg_type on pg_type.oid = atttypid
where attrelid = to_regclass($1) and attnum > 0 and not attisdropped and attnotnull and not atthasdef
  and attidentity = '' and typdefault is null and attname <> all ($2::text[])
  and not exists (select from pg_trigger where tgrelid = attrelid and not tgisinternal and tgtype & 6 = 6)
order by attnum`

const NOT_NULL_VIOLATION = '23502'

/** Rejects with OCC_POSTGRES_COLUMNS if no row could ever be written, because it lacks a column. */
export async function checkFilled(query: TransactionQuery, table: RowTable): Promise<void> {
  const names = table.columns.map(({ name }) => name)
  const { rows } = await query(UNFILLED, [quoteTable(table.table), names])
  if (rows.length > 0) throw unfilled(table, rows.map(({ attname }) => String(attname)).join(', '))
}

/** The same of an insert that failed; otherwise the error itself. */
export function unlessUnfilled(error: unknown, table: RowTable): unknown {
  if (stateOf(error) !== NOT_NULL_VIOLATION || !(error instanceof Error)) return error
  const cause = error.cause instanceof Error ? error.cause : error
  const column: unknown = Reflect.get(cause, 'column')
  if (typeof column !== 'string' || table.columns.some(({ name }) => name === column)) return error
  return isOf(table, Reflect.get(cause, 'table')) ? unfilled(table, column, error) : error
}

/** Of the table or a partition of it: what a trigger writes into another one is the row's own affair. */
function isOf({ table }: RowTable, name: unknown): boolean {
  const own = table.split('.').at(-1)
  return typeof name === 'string' && (name === own || name.startsWith(`${own}_`))
}

function unfilled({ table }: RowTable, names: string, cause?: unknown): OccError {
  return new OccError(
    'OCC_POSTGRES_COLUMNS',
    `PostgreSQL: ${table} has a column that must have a value, and no row has one for it: ${names}. Remedy: give it a default or a row's value (\`columns\`), or let it be null.`,
    { cause, retriable: true },
  )
}
