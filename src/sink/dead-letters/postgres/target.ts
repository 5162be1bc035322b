import { type DeadLetter, type DeadLetterTarget, letterBytes } from '../../../kernel/dead-letter.ts'
import { codeOf, OccError } from '../../../kernel/errors.ts'
import { createBatcher } from '../../batcher.ts'
import type { PostgresPool } from '../../postgres/pool.ts'
import { quoteTable } from '../../postgres/quote.ts'
import { letterId } from '../letter-id.ts'
import { createTableSql, letterToValues, upsertSql } from './table.ts'

export interface PostgresTargetOptions {
  readonly table: string
  /** Whether to create a missing table. */
  readonly createTable: boolean
}

/** Keeps dead letters in a table. Resolves when the transaction is committed. */
export function createPostgresTarget(
  { table, createTable }: PostgresTargetOptions,
  pool: PostgresPool,
): DeadLetterTarget {
  async function write(letters: readonly DeadLetter[]): Promise<void> {
    // One statement cannot insert and update the same row: the newest of equal letters wins.
    const unique = [...new Map(letters.map((letter) => [letterId(letter), letter])).values()]
    const insert = () => pool.query(upsertSql(table, unique.length), unique.flatMap(letterToValues))
    try {
      await insert()
    } catch (error) {
      if (codeOf(error) !== 'OCC_POSTGRES_TABLE' || !createTable) throw error
      await make()
      await insert()
    }
  }

  async function make(): Promise<void> {
    try {
      await pool.query(createTableSql(table))
    } catch (error) {
      // Two processes may create it at the same time: one fails, and the table exists.
      if (!(error instanceof OccError) || codeOf(error.cause) !== '23505') throw error
    }
  }

  const batcher = createBatcher({
    write,
    sizeOf: letterBytes,
    maxItems: 500,
    maxBytes: 4 * 1024 ** 2,
    isolates,
  })

  return {
    keep: (letter) => batcher.add(letter),
    async check() {
      try {
        await pool.query(probe(table))
      } catch (error) {
        // Not earlier: a user who may not create tables can use an existing one.
        if (codeOf(error) !== 'OCC_POSTGRES_TABLE' || !createTable) throw error
        await make()
      }
    },
    async close() {
      await batcher.idle()
      await pool.close()
    },
  }
}

/** Locks no row, but needs the rights that `keep` needs, on a server that accepts writes. */
function probe(table: string): string {
  return `select id, original_topic, original_partition, original_offset, original_timestamp, key,
  value, headers, error_type, error_message, handler, attempts, redrives, failed_at, sending_since
  from ${quoteTable(table)} limit 0 for update`
}

/** These errors are caused by one letter. */
function isolates(error: unknown): boolean {
  return codeOf(error) === 'OCC_POSTGRES_VALUE'
}
