import type { OffsetRange } from '../../../broker/types.ts'
import type { TopicPartition } from '../../../kernel/shapes/record.ts'
import type { PostgresPool } from '../pool.ts'
import { quoteTable } from '../quote.ts'
import { rangesToText } from './ranges.ts'

/** An offset that the brokers have. */
export interface RecordedOffset extends TopicPartition {
  readonly offset: number
  readonly finished: readonly OffsetRange[]
  readonly topicId: string | null
  /** Milliseconds since the epoch. */
  readonly committedAt: number
}

export interface RecordTableOptions {
  readonly group: string
  readonly table: string
  /** The process, for people. */
  readonly owner: string
}

/** The table of offsets that decides nothing. Rejects with OCC_POSTGRES_*. */
export interface RecordTable {
  /** In one statement; of two for one partition the later one stays, whoever wrote it. */
  write(offsets: readonly RecordedOffset[]): Promise<void>
  read(): Promise<ReadonlyArray<TopicPartition & { readonly offset: number }>>
}

export function createRecordTable(
  { group, table, owner }: RecordTableOptions,
  pool: Pick<PostgresPool, 'query'>,
): RecordTable {
  const statements = recordStatements(table)
  return {
    async write(offsets) {
      await pool.query(statements.write, [
        group,
        owner,
        offsets.map(({ topic }) => topic),
        offsets.map(({ partition }) => partition),
        offsets.map(({ offset }) => offset),
        offsets.map(({ finished }) => rangesToText(finished)),
        offsets.map(({ topicId }) => topicId),
        offsets.map(({ committedAt }) => new Date(committedAt).toISOString()),
      ])
    },
    async read() {
      const { rows } = await pool.query(statements.read, [group])
      return rows.map(({ topic, partition, next_offset: next }) => ({
        topic: String(topic),
        partition: Number(partition),
        offset: Number(next),
      }))
    },
  }
}

function recordStatements(name: string) {
  const table = quoteTable(name)
  return {
    /**
     * $1 group, $2 owner, then lists: topics, partitions, next offsets, finished above, topic ids,
     * times. Sorted, so that no two processes lock rows in another order.
     */
    write: `insert into ${table} as t (consumer_group, owner, topic, partition, next_offset, finished_above, topic_id, committed_at)
select $1, $2, topic, partition, next_offset, finished_above, topic_id, committed_at
from unnest($3::text[], $4::int[], $5::bigint[], $6::text[], $7::text[], $8::timestamptz[])
  as c (topic, partition, next_offset, finished_above, topic_id, committed_at)
order by topic collate "C", partition
on conflict (consumer_group, topic, partition)
do update set owner = excluded.owner, next_offset = excluded.next_offset, finished_above = excluded.finished_above,
  topic_id = excluded.topic_id, committed_at = excluded.committed_at
where t.committed_at <= excluded.committed_at`,
    /** $1 group */
    read: `select topic, partition, next_offset from ${table} where consumer_group = $1 order by topic collate "C", partition`,
  }
}

/** Rejects with OCC_POSTGRES_* if the table, its columns or the rights are not there. Changes nothing. */
export async function checkRecordTable(
  pool: Pick<PostgresPool, 'query'>,
  table: string,
): Promise<void> {
  const { write, read } = recordStatements(table)
  await pool.query(write, ['', '', [], [], [], [], [], []])
  await pool.query(read, [''])
}
