import type { Claim } from '../../broker/types.ts'
import type { OccError } from '../../kernel/errors.ts'
import type { DeadLetter } from '../../kernel/shapes/dead-letter.ts'
import type { HeldWrite, TransactionQuery } from '../../kernel/shapes/held-write.ts'
import type { FinishedState } from '../offset-tracker.ts'

/** How far a transaction moves one partition. */
export interface Move extends FinishedState {
  readonly claim: Claim
  /** Transactions of the partition before this one. The row has this number, or nothing is written. */
  readonly version: number
  /** Leader epoch of the last finished record; -1: not known. */
  readonly finishedEpoch: number
  /** Metadata of the assignment, as in a commit. */
  readonly metadata: string
  /** Newest timestamp of its records, milliseconds since the epoch; null: unchanged. */
  readonly recordTime: number | null
  /** An operator sets the offset: what to keep beside it. Absent: unchanged. */
  readonly operator?: string | undefined
}

/** Where an operator sets a partition. */
export type NewOffset = { readonly offset: number; readonly operator: string }

/** Runs in the transaction. Rejects to have it rolled back. */
export type OwnStatements = (query: TransactionQuery) => Promise<void>

/** All of it or nothing. */
export interface Transaction {
  /** By topic and partition, each once. */
  readonly moves: readonly Move[]
  readonly writes: readonly HeldWrite[]
  readonly letters: readonly DeadLetter[]
  /** Statements of the service's own. */
  readonly own?: readonly OwnStatements[]
}

/** What the store has of a claim's partition. */
export interface StoredVersion {
  readonly epoch: number
  readonly version: number
}

export type TransactionResult =
  | { readonly kind: 'committed' }
  /**
   * At least one row is not as its move expects, and nothing was written. null: there is no such
   * row.
   */
  | { readonly kind: 'mismatch'; readonly found: ReadonlyArray<StoredVersion | null> }
  /** The answer to the commit did not come: it was written, or not. */
  | { readonly kind: 'doubt'; readonly error: OccError }
  /** The database refuses something of a record; nothing was written. */
  | { readonly kind: 'refused'; readonly error: OccError }
  /**
   * The database cannot be used now; nothing was written.
   * `ofPart`: only something that a part of it needs is not there, such as a table.
   */
  | { readonly kind: 'failed'; readonly error: OccError; readonly ofPart?: boolean }

export interface TransactionTarget {
  /** Never rejects. `found` has an entry for each move. */
  run(transaction: Transaction): Promise<TransactionResult>
}

/** How far a partition is, as the flow knows it. */
export interface LineProgress {
  readonly metadata: string
  /** Timestamp of the record that finished last; null: none yet. */
  readonly lastTimestamp: number | null
  preview(offsets: Iterable<number>): FinishedState
  /** The records are in the store with their offsets; each is reported as finished later. */
  settle(offset: number): void
}
