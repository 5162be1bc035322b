import { codeOf, messageOf, OccError } from '../../kernel/errors.ts'
import type { SinkMeter } from '../../observe/types.ts'
import { createBatcher } from '../batcher.ts'
import type { PostgresPool } from '../postgres/pool.ts'
import type { RowReorgs } from '../postgres/reorgs/row-reorgs.ts'
import { refused } from '../postgres/rows/cell.ts'
import { bytesOf, type Entry, isRow, type Row, type RowSource } from '../postgres/rows/table.ts'
import { createRowWriter } from '../postgres/rows/writer.ts'
import type { EmitSink } from './types.ts'

export interface PostgresSinkOptions {
  readonly batch: {
    /** Maximum rows, and bytes of their values, per statement. */
    readonly rows: number
    readonly bytes: number
    /** Maximum milliseconds that a row waits for others. */
    readonly within: number
  }
  /** Statements at a time. */
  readonly writers: number
  /** Before each statement: makes the table, once. */
  prepare?(): Promise<void>
  /** Before each statement: partitions for its rows. */
  makeRoom?(rows: readonly Row[]): Promise<void>
  /** What becomes of the rows of superseded blocks; absent: they stay. */
  readonly reorgs?: RowReorgs | undefined
}

/** The rows of one value: written in one statement, or none of them. */
interface Unit {
  readonly rows: readonly Entry[]
  readonly bytes: number
}

/**
 * Writes values as rows; acknowledged by the commit. A value that is a list becomes several rows,
 * all of them or none. If PostgreSQL refuses a row, only its value fails (OCC_EMIT_ROW).
 */
export function createPostgresSink(
  table: RowSource,
  { batch, writers, prepare, makeRoom, reorgs }: PostgresSinkOptions,
  pool: PostgresPool,
  meter: Pick<SinkMeter, 'rows' | 'statements'>,
): EmitSink {
  const source: RowSource<Entry> = reorgs?.source ?? table
  const writer = createRowWriter(source, pool, reorgs)
  const batcher = createBatcher<Unit>({
    write,
    sizeOf: ({ bytes }) => bytes,
    countOf: ({ rows }) => rows.length,
    maxItems: batch.rows,
    maxBytes: batch.bytes,
    within: batch.within,
    // Rows that overwrite each other stay in their order, and so do blocks and what supersedes them.
    writers: source.update.length > 0 || reorgs !== undefined ? 1 : writers,
    isolates: isOfRow,
    // Every other batch would wait for the same database.
    failsAll: (error) => !isOfRow(error),
  })

  async function ready(): Promise<void> {
    try {
      await prepare?.()
    } catch (error) {
      // Whatever it is, it is not the fault of a row.
      throw new OccError('OCC_POSTGRES', messageOf(error), { cause: error, retriable: true })
    }
  }

  async function write(units: readonly Unit[]): Promise<void> {
    const rows = units.flatMap((unit) => unit.rows)
    await ready()
    await makeRoom?.(rows.filter(isRow))
    await writer.write(rows)
    meter.rows += rows.length
    meter.statements += 1
  }

  /** A value that throws while it is read, such as an invalid date, is no row: it will never be one. */
  function rowsOf(given: unknown): readonly Entry[] {
    try {
      return source.rowsOf(given)
    } catch (error) {
      throw error instanceof OccError ? error : refused(messageOf(error), error)
    }
  }

  return {
    held: {
      rowsOf,
      async prepare(rows) {
        await ready()
        await makeRoom?.(rows.filter(isRow))
      },
      insert: writer.insert,
      written(rows) {
        meter.rows += rows
        meter.statements += 1
      },
    },
    async check() {
      await ready()
      await writer.write([])
    },
    async write({ given }) {
      const rows = rowsOf(given)
      if (rows.length === 0) return
      try {
        await batcher.add({ rows, bytes: bytesOf(rows) })
      } catch (error) {
        throw isOfRow(error) ? refused(messageOf(error), error) : error
      }
    },
    async close() {
      await batcher.idle()
      await pool.close()
    },
  }
}

/** SQLSTATE 21000, 44000 and P0001, and the classes 22, 23 and 54: see server-errors.ts. */
function isOfRow(error: unknown): boolean {
  return codeOf(error) === 'OCC_POSTGRES_VALUE'
}
