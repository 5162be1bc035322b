import { codeOf, messageOf, OccError } from '../../../kernel/errors.ts'
import {
  type DeadLetter,
  type DeadLetterTarget,
  letterBytes,
} from '../../../kernel/shapes/dead-letter.ts'
import type { TransactionQuery } from '../../../kernel/shapes/held-write.ts'
import { createBatcher } from '../../batcher.ts'
import type { PostgresPool } from '../../postgres/pool.ts'
import { quoteTable } from '../../postgres/quote.ts'
import { stateOf } from '../../postgres/server-errors.ts'
import { letterId } from '../letter-id.ts'
import { addGroupSql, createTableSql, letterToValues, upsertSql } from './table.ts'

export interface PostgresTargetOptions {
  readonly table: string
  /** Whether to create a missing table. */
  readonly createTable: boolean
}

/** PostgreSQL's codes. */
const UNDEFINED_COLUMN = '42703'
const UNIQUE_VIOLATION = '23505'
/** Of one statement: the protocol counts parameters in 16 bits, and each letter has one a column. */
const MAX_LETTERS = 500

/** Keeps dead letters in a table. Resolves when the transaction is committed. */
export function createPostgresTarget(
  { table, createTable }: PostgresTargetOptions,
  pool: PostgresPool,
): DeadLetterTarget {
  const write = (letters: readonly DeadLetter[]) =>
    orMade(() => insertLetters(pool.query, table, letters))

  /** Does the work, on a missing or outdated table once that is mended. */
  async function orMade(work: () => Promise<unknown>): Promise<void> {
    try {
      await work()
    } catch (error) {
      const isOutdated = stateOf(error) === UNDEFINED_COLUMN
      if (isOutdated && !createTable) throw outdated(table, error)
      // Not earlier: a user who may not create tables can use an existing one.
      if (isOutdated) await pool.query(addGroupSql(table))
      else if (codeOf(error) === 'OCC_POSTGRES_TABLE' && createTable) await make()
      else throw error
      await work()
    }
  }

  async function make(): Promise<void> {
    try {
      await pool.query(createTableSql(table))
    } catch (error) {
      // Two processes may create it at the same time: one fails, and the table exists.
      if (stateOf(error) !== UNIQUE_VIOLATION) throw error
    }
  }

  const batcher = createBatcher({
    write,
    sizeOf: letterBytes,
    maxItems: MAX_LETTERS,
    maxBytes: 4 * 1024 ** 2,
    isolates,
  })

  return {
    keep: (letter) => batcher.add(letter),
    check: () => orMade(() => pool.query(probe(table))),
    async close() {
      await batcher.idle()
      await pool.close()
    },
  }
}

/** Inserts letters with a query of the caller, such as that of its transaction. */
export async function insertLetters(
  query: TransactionQuery,
  table: string,
  letters: readonly DeadLetter[],
): Promise<void> {
  // One statement cannot insert and update the same row: the newest of equal letters wins.
  const unique = [...new Map(letters.map((letter) => [letterId(letter), letter])).values()]
  for (let from = 0; from < unique.length; from += MAX_LETTERS) {
    const some = unique.slice(from, from + MAX_LETTERS)
    await query(upsertSql(table, some.length), some.flatMap(letterToValues))
  }
}

/** Locks no row, but needs the rights that `keep` needs, on a server that accepts writes. */
function probe(table: string): string {
  return `select id, original_topic, original_partition, original_offset, original_timestamp, key,
  value, headers, error_type, error_message, handler, consumer_group, attempts, redrives, failed_at, sending_since
  from ${quoteTable(table)} limit 0 for update`
}

function outdated(table: string, cause: unknown): OccError {
  return new OccError(
    'OCC_POSTGRES_TABLE',
    `The table ${table} has no column consumer_group, so it is of version 0.1: run the statement of docs/dead-letters.md ("A table of version 0.1") as its owner, or set deadLetters.postgres.createTable. [${messageOf(cause)}]`,
    { cause, retriable: true },
  )
}

/** These errors are caused by one letter. */
function isolates(error: unknown): boolean {
  return codeOf(error) === 'OCC_POSTGRES_VALUE'
}
