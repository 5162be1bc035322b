import { decodeMetadata } from '../../broker/offsets/commit-metadata.ts'
import type { TransactionTarget } from '../../commit/transactions/types.ts'
import type { Config } from '../../config/types.ts'
import { insertLetters } from '../../sink/dead-letters/postgres/target.ts'
import type { HeldSink } from '../../sink/emit/types.ts'
import { createTransactionTarget } from '../../sink/postgres/offsets/target.ts'
import type { PostgresPool } from '../../sink/postgres/pool.ts'
import { holdsLetters } from './open-offsets-pool.ts'

/** Transactions of one group: its offsets with the rows of held sinks, and letters if they are held. */
export function transactionTarget(
  config: Config,
  sinks: ReadonlyMap<string, HeldSink>,
  pool: PostgresPool,
): TransactionTarget {
  const { table, statementTimeout } = config.offsets.postgres
  const letterTable = config.deadLetters.postgres.table
  return createTransactionTarget({
    group: config.kafka.groupId,
    table,
    pool,
    sinks,
    letters: holdsLetters(config)
      ? (query, letters) => insertLetters(query, letterTable, letters)
      : null,
    marksOf: (metadata) => decodeMetadata(metadata, 0),
    workTimeout: statementTimeout,
  })
}
