import type { OffsetClaims, StoredOffset } from '../../../broker/offsets/offset-claims.ts'
import { OccError } from '../../../kernel/errors.ts'
import { partitionName } from '../../../kernel/shapes/record.ts'
import type { PostgresPool } from '../pool.ts'
import { moveRows } from './moving.ts'
import { textToRanges } from './ranges.ts'
import { offsetStatements } from './statements.ts'
import { unusable } from './unusable.ts'

export interface ClaimsOptions {
  readonly group: string
  readonly table: string
  /** The process, for people who read the table. */
  readonly owner: string
}

/** The offsets of one group in a table, and the right to write them. */
export function createOffsetClaims(
  { group, table, owner }: ClaimsOptions,
  pool: PostgresPool,
  /** Before each statement: makes the table, once. */
  prepare: () => Promise<void>,
): Omit<OffsetClaims, 'move'> {
  const statements = offsetStatements(table)

  async function stored<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      await prepare()
      return await work()
    } catch (error) {
      if (error instanceof OccError && error.code === 'OCC_OFFSETS_FENCED') throw error
      throw unusable(table, error)
    }
  }

  return {
    claim: (partitions, { member, generation }, holder) =>
      stored(async () => {
        const topics = partitions.map(({ topic }) => topic)
        const numbers = partitions.map(({ partition }) => partition)
        const { rows } = await pool.query(statements.claim, [
          group,
          topics,
          numbers,
          `${owner}/${member}`,
          generation,
        ])
        const { rows: known } = await pool.query(statements.known, [group, [...new Set(topics)]])
        return {
          offsets: rows.map((row): StoredOffset => {
            const where = { topic: String(row.topic), partition: Number(row.partition) }
            const offset = row.next_offset === null ? null : Number(row.next_offset)
            return {
              claim: {
                ...where,
                epoch: Number(row.epoch),
                version: Number(row.writes),
                fenced() {
                  holder.fenced(this)
                },
                epochBefore: (offset) => holder.epochBefore(where, offset),
              },
              offset,
              finished: textToRanges(String(row.finished_above), offset ?? 0),
              finishedEpoch: numberOf(row.leader_epoch) ?? -1,
              topicId: row.topic_id === null ? null : String(row.topic_id),
              partitions: numberOf(row.topic_partitions),
              operator: String(row.operator),
            }
          }),
          partitionsThen: new Map(
            known.map((row) => [String(row.topic), numberOf(row.partitions)] as const),
          ),
        }
      }),
    begin: (starts) =>
      stored(async () => {
        const moves = starts.map(({ claim, offset: next, ...start }) => {
          const { topic, partition, epoch, version } = claim
          return { ...start, topic, partition, epoch, version, next, recordTime: null }
        })
        await pool.transact(async (query) => {
          const found = await moveRows(query, statements, group, moves)
          if (found !== null) throw taken(starts.map(({ claim }) => partitionName(claim)))
        })
        return starts.map(({ claim }) => ({ ...claim, version: claim.version + 1 }))
      }),
  }
}

function numberOf(value: unknown): number | null {
  return value === null ? null : Number(value)
}

function taken(names: readonly string[]): OccError {
  return new OccError(
    'OCC_OFFSETS_FENCED',
    `Another process has claimed ${names.join(', ')} before the first offset was written.`,
    { retriable: true },
  )
}
