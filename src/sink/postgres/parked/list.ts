import type { TopicPartition } from '../../../kernel/shapes/record.ts'
import type { PostgresPool } from '../pool.ts'
import { timeOf } from './rows.ts'
import { parkedStatements } from './statements.ts'

/** A parked record for people, without its bytes. Times in milliseconds since the epoch. */
export interface ParkedRow extends TopicPartition {
  readonly group: string
  readonly offset: number
  readonly timestamp: number
  /** null: all. */
  readonly handler: string | null
  readonly dueAt: number
  readonly times: number
  readonly since: number
  readonly attempts: number
  readonly reason: string
  /** null: no error. */
  readonly errorType: string | null
  /** A process has it now. */
  readonly isLeased: boolean
  /** The process that had it last; empty: none. */
  readonly owner: string
}

/** Each null: all. */
export interface ParkedFilter {
  readonly groups: readonly string[] | null
  readonly topics: readonly string[] | null
  readonly handlers: readonly string[] | null
}

/** The first due first. Rejects with OCC_POSTGRES_*. @returns at most `limit`, and how many there are */
export async function listParkedRecords(
  pool: PostgresPool,
  table: string,
  { groups, topics, handlers }: ParkedFilter,
  limit: number,
): Promise<{ readonly rows: readonly ParkedRow[]; readonly total: number }> {
  const { rows } = await pool.query(parkedStatements(table).list, [groups, topics, handlers, limit])
  return { rows: rows.map(rowOf), total: Number(rows[0]?.all_rows ?? 0) }
}

function rowOf(row: Record<string, unknown>): ParkedRow {
  return {
    group: String(row['consumer_group']),
    topic: String(row['topic']),
    partition: Number(row['partition']),
    offset: Number(row['record_offset']),
    timestamp: Number(row['record_timestamp']),
    handler: row['handler'] === '' ? null : String(row['handler']),
    dueAt: timeOf(row['due_at']) ?? 0,
    times: Number(row['times']),
    since: timeOf(row['since']) ?? 0,
    attempts: Number(row['attempts']),
    reason: String(row['reason']),
    errorType: row['error_type'] === '' ? null : String(row['error_type']),
    isLeased: row['is_leased'] === true,
    owner: String(row['owner']),
  }
}
