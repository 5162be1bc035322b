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
  /** It waits for another one of its key. */
  readonly isBehind: boolean
  /** The process that had it last; empty: none. */
  readonly owner: string
}

/** Each null: all. */
export interface ParkedFilter {
  readonly groups: readonly string[] | null
  readonly topics: readonly string[] | null
  readonly handlers: readonly string[] | null
  readonly errorTypes: readonly string[] | null
  /** `topic/partition/offset` */
  readonly places: readonly string[] | null
  /** Since when they are parked: from and to, milliseconds since the epoch. */
  readonly since: number | null
  readonly until: number | null
}

/** The first due first. Rejects with OCC_POSTGRES_*. @returns at most `limit` */
export async function listParkedRecords(
  pool: PostgresPool,
  table: string,
  filter: ParkedFilter,
  limit: number,
): Promise<readonly ParkedRow[]> {
  const { rows } = await pool.query(parkedStatements(table).list, [...valuesOf(filter), limit])
  return rows.map(rowOf)
}

/** How many there are; of more than MOST_COUNTED, one more than that. */
export async function countParkedRecords(
  pool: PostgresPool,
  table: string,
  filter: ParkedFilter,
): Promise<number> {
  const { rows } = await pool.query(parkedStatements(table).countSelected, valuesOf(filter))
  return Number(rows[0]?.records)
}

/** $1 to $7 of the statements about a selection. */
export function valuesOf(filter: ParkedFilter): unknown[] {
  const { groups, topics, handlers, errorTypes, places, since, until } = filter
  const times = [since, until].map((time) => (time === null ? null : new Date(time)))
  return [groups, topics, handlers, errorTypes, places, ...times]
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
    isBehind: row['is_behind'] === true,
    owner: String(row['owner']),
  }
}
