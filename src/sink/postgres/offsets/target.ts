import type {
  Move,
  StoredVersion,
  Transaction,
  TransactionResult,
  TransactionTarget,
} from '../../../commit/transactions/types.ts'
import { codeOf, messageOf, OccError } from '../../../kernel/errors.ts'
import type { DeadLetter } from '../../../kernel/shapes/dead-letter.ts'
import type { HeldRows, HeldWrite, TransactionQuery } from '../../../kernel/shapes/held-write.ts'
import type { HeldSink } from '../../emit/types.ts'
import type { PostgresPool } from '../pool.ts'
import { refused } from '../rows/cell.ts'
import { moveRows, type RowMove } from './moving.ts'
import { offsetStatements } from './statements.ts'
import { runWork } from './work.ts'

export interface TargetParts {
  readonly group: string
  readonly table: string
  readonly pool: PostgresPool
  /** The sinks whose rows are in these transactions, by name. */
  readonly sinks: ReadonlyMap<string, HeldSink>
  /** Inserts letters; null: they are kept elsewhere. */
  readonly letters:
    | ((query: TransactionQuery, letters: readonly DeadLetter[]) => Promise<void>)
    | null
  /** What metadata of a commit says of the topic. */
  marksOf(metadata: string): Pick<RowMove, 'topicId' | 'partitions'>
  /** Milliseconds for the statements of one `context.transaction`. */
  readonly workTimeout: number
}

type Found = ReadonlyArray<StoredVersion | null>

const MISSING = /^OCC_POSTGRES_(TABLE|COLUMNS|RIGHTS)$/

/** Writes offsets, rows and letters in one transaction of PostgreSQL. */
export function createTransactionTarget(parts: TargetParts): TransactionTarget {
  const { group, pool, sinks, letters } = parts
  const statements = offsetStatements(parts.table)

  function rowMoveOf({ claim, metadata, ...move }: Move): RowMove {
    const { topic, partition, epoch } = claim
    // Only these two: what is finished is that of the move.
    const { topicId, partitions } = parts.marksOf(metadata)
    return { ...move, topic, partition, epoch, topicId, partitions }
  }

  async function write(
    query: TransactionQuery,
    transaction: Transaction,
    bySink: ReadonlyArray<readonly [HeldSink, HeldRows['rows']]>,
    mismatch: (found: Found) => void,
  ): Promise<void> {
    const { moves } = transaction
    const found =
      moves.length === 0 ? null : await moveRows(query, statements, group, moves.map(rowMoveOf))
    if (found !== null) {
      mismatch(found)
      throw new Error('an offset is not as expected, so the transaction is rolled back')
    }
    for (const [sink, rows] of bySink) await sink.insert(query, rows)
    const works = transaction.writes.filter((held) => held.kind === 'work')
    for (const held of works) await runWork(held, query, parts.workTimeout)
    for (const own of transaction.own ?? []) await own(query)
    if (transaction.letters.length > 0) await letters?.(query, transaction.letters)
  }

  return {
    async run(transaction): Promise<TransactionResult> {
      let mismatch: Found | null = null
      try {
        const bySink = rowsBySink(transaction.writes, sinks)
        for (const [sink, rows] of bySink) await sink.prepare(rows)
        await pool.transact((query) =>
          write(query, transaction, bySink, (found) => {
            mismatch = found
          }),
        )
        for (const [sink, rows] of bySink) sink.written(rows.length)
        return { kind: 'committed' }
      } catch (error) {
        return mismatch === null ? failureOf(error) : { kind: 'mismatch', found: mismatch }
      }
    },
  }
}

function failureOf(error: unknown): TransactionResult {
  const code = codeOf(error)
  if (code === 'OCC_POSTGRES_DOUBT') return { kind: 'doubt', error: away(error) }
  if (error instanceof OccError && code === 'OCC_EMIT_ROW') return { kind: 'refused', error }
  if (code !== 'OCC_POSTGRES_VALUE') {
    return { kind: 'failed', error: away(error), ofPart: isMissing(error) }
  }
  return { kind: 'refused', error: refused(messageOf(error), error) }
}

/** A table, a column or a right is missing; a sink may have failed with it before the transaction. */
function isMissing(error: unknown): boolean {
  const all = [error, error instanceof Error ? error.cause : null]
  return all.some((each) => MISSING.test(codeOf(each)))
}

/** A limit, not a fault of the record: see error-rules.ts. */
function away(error: unknown): OccError {
  return new OccError('OCC_EMIT', `The transaction failed: ${messageOf(error)}`, {
    cause: error,
    retriable: true,
  })
}

/** In the order of their names, so that every process locks tables in the same order. */
function rowsBySink(writes: readonly HeldWrite[], sinks: ReadonlyMap<string, HeldSink>) {
  const held = writes.filter((write) => write.kind === 'rows')
  const byName = [...Map.groupBy(held, ({ sink }) => sink)].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return byName.map(([name, own]) => {
    const sink = sinks.get(name)
    if (sink === undefined)
      throw new Error(`the sink ${name} is not in the database of the offsets`)
    return [sink, own.flatMap(({ rows }) => rows)] as const
  })
}
