import { OccError } from '../../../kernel/errors.ts'
import type { TopicPartition } from '../../../kernel/shapes/record.ts'
import type { PostgresPool } from '../pool.ts'
import { offsetStatements } from './statements.ts'
import { unusable } from './unusable.ts'

/** What the table has of one partition. */
export interface OffsetRow extends TopicPartition {
  /** null: claimed, and nothing begun. */
  readonly offset: number | null
  /** What an operator did to the offset; see commit-metadata.ts. */
  readonly operator: string
  /** Id of the topic it belongs to; null: not recorded. */
  readonly topicId: string | null
  readonly epoch: number
  readonly writes: number
}

export interface OffsetToSet extends TopicPartition {
  readonly offset: number
  readonly operator: string
  /** The row as it was read; undefined: there was none. */
  readonly seen: OffsetRow | undefined
}

export interface OffsetTableOptions {
  readonly group: string
  readonly table: string
  /** Who sets offsets, for people who read the table. */
  readonly owner: string
}

/** The offsets of one group in the table, for somebody who is no member. Rejects with OCC_OFFSETS_STORE. */
export interface OffsetTable {
  readonly name: string
  read(): Promise<readonly OffsetRow[]>
  /**
   * All of them or none. Rejects with OCC_OFFSETS_MOVED if a row is not as it was seen: a member has
   * claimed or written it.
   */
  set(offsets: readonly OffsetToSet[]): Promise<void>
  close(): Promise<void>
}

export function createOffsetTable(
  { group, table, owner }: OffsetTableOptions,
  pool: PostgresPool,
): OffsetTable {
  const statements = offsetStatements(table)
  return {
    name: table,
    async read() {
      try {
        const { rows } = await pool.query(statements.all, [group])
        return rows.map((row) => ({
          topic: String(row.topic),
          partition: Number(row.partition),
          offset: row.next_offset === null ? null : Number(row.next_offset),
          operator: String(row.operator),
          topicId: row.topic_id === null ? null : String(row.topic_id),
          epoch: Number(row.epoch),
          writes: Number(row.writes),
        }))
      } catch (error) {
        throw unusable(table, error)
      }
    },
    async set(offsets) {
      try {
        await pool.transact(async (query) => {
          const { rowCount } = await query(statements.set, [
            group,
            owner,
            offsets.map(({ topic }) => topic),
            offsets.map(({ partition }) => partition),
            offsets.map(({ seen }) => seen?.epoch ?? -1),
            offsets.map(({ seen }) => seen?.writes ?? -1),
            offsets.map(({ offset }) => offset),
            offsets.map(({ operator }) => operator),
          ])
          if (rowCount !== offsets.length) throw taken(table)
        })
      } catch (error) {
        throw error instanceof OccError && error.code === 'OCC_OFFSETS_MOVED'
          ? error
          : unusable(table, error)
      }
    },
    close: () => pool.close(),
  }
}

function taken(table: string): OccError {
  return new OccError(
    'OCC_OFFSETS_MOVED',
    `Nothing was changed, because a member of the group has taken partitions in the table ${table} meanwhile. Make a new plan; while the group has members, name one pod with --url.`,
  )
}
