import type { DueRecord } from '../../../kernel/shapes/due-record.ts'
import type { TransactionQuery } from '../../../kernel/shapes/held-write.ts'
import type { HeldBack, ParkedCount, ToPark } from '../../../kernel/shapes/parked.ts'
import type { KafkaRecord, TopicPartition } from '../../../kernel/shapes/record.ts'

/** A parked record that this process may handle, until its lease is over. */
export interface ClaimedRecord {
  readonly id: string
  /** Which of the claims of the record it is. */
  readonly claim: string
  readonly record: KafkaRecord
  /** Attempts that failed since it was parked. */
  readonly attempts: number
  /** Others of its key may wait behind it. */
  readonly holds: boolean
  readonly due: DueRecord
}

/** What becomes of a claimed record that is parked once more. */
export interface ParkedAgain extends Omit<ToPark, 'record' | 'hold'> {
  readonly attempts: number
}

/** The parked records of one group. All reject with OCC_POSTGRES_* or OCC_PARKED_FENCED. */
export interface ParkedTable {
  /** Before `park`: rejects with OCC_PARKED_FULL if the group has too many. */
  admit(): Promise<void>
  park(query: TransactionQuery, toPark: ToPark): Promise<void>
  /** Takes records that are due, for the time of the lease; none that another process has. */
  claim(most: number, heldBack: HeldBack): Promise<readonly ClaimedRecord[]>
  /** Begins their leases anew. Returns the ids of those that are still this process's own. */
  renew(claimed: readonly ClaimedRecord[]): Promise<ReadonlySet<string>>
  /** It is over: the record is gone. */
  end(query: TransactionQuery, claimed: ClaimedRecord): Promise<void>
  again(query: TransactionQuery, claimed: ClaimedRecord, how: ParkedAgain): Promise<void>
  /** Others may take it now. */
  release(claimed: ClaimedRecord): Promise<void>
  /** What parked records of the partition hold; null: too many to remember. */
  held(partition: TopicPartition): Promise<ReadonlySet<string> | null>
  /** Whether a parked record holds this: another, or this very one. */
  holderOf(record: KafkaRecord, hold: string): Promise<'none' | 'other' | 'itself'>
  count(): Promise<ParkedCount>
}
