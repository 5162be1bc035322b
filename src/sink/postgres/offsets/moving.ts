import type { OffsetRange } from '../../../broker/types.ts'
import type { StoredVersion } from '../../../commit/transactions/types.ts'
import type { TransactionQuery } from '../../../kernel/shapes/held-write.ts'
import type { TopicPartition } from '../../../kernel/shapes/record.ts'
import { rangesToText } from './ranges.ts'
import type { offsetStatements } from './statements.ts'

/** A row and what becomes of it. */
export interface RowMove extends TopicPartition {
  readonly epoch: number
  readonly version: number
  readonly next: number
  readonly finished: readonly OffsetRange[]
  /** Leader epoch of the last of them, or of the record before `next`; -1: not known. */
  readonly finishedEpoch: number
  readonly topicId: string | null
  readonly partitions: number | null
  readonly recordTime: number | null
  /** What an operator did to the offset; absent: unchanged. */
  readonly operator?: string | undefined
}

/**
 * Moves the rows in a transaction of the caller. null: each was as expected, and is moved. Otherwise
 * what there is of each: the caller must roll back.
 */
export async function moveRows(
  query: TransactionQuery,
  statements: Pick<ReturnType<typeof offsetStatements>, 'move' | 'read'>,
  group: string,
  moves: readonly RowMove[],
): Promise<Array<StoredVersion | null> | null> {
  const topics = moves.map(({ topic }) => topic)
  const partitions = moves.map(({ partition }) => partition)
  const { rowCount } = await query(statements.move, [
    group,
    topics,
    partitions,
    moves.map(({ epoch }) => epoch),
    moves.map(({ version }) => version),
    moves.map(({ next }) => next),
    moves.map(({ finished }) => rangesToText(finished)),
    moves.map(({ topicId }) => topicId),
    moves.map((move) => move.partitions),
    moves.map(({ recordTime }) => timeOf(recordTime)),
    moves.map(({ operator }) => operator ?? null),
    moves.map(({ finishedEpoch }) => (finishedEpoch < 0 ? null : finishedEpoch)),
  ])
  if (rowCount === moves.length) return null
  const { rows } = await query(statements.read, [group, topics, partitions])
  return moves.map(({ topic, partition }) => {
    const row = rows.find((each) => each.topic === topic && each.partition === partition)
    return row === undefined ? null : { epoch: Number(row.epoch), version: Number(row.writes) }
  })
}

/** A producer may have sent any number; one that is no time is not worth a record. */
function timeOf(milliseconds: number | null): string | null {
  if (milliseconds === null || milliseconds < 0 || milliseconds > 253_402_300_799_999) return null
  return new Date(milliseconds).toISOString()
}
