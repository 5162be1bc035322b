import type { RecordWriter } from '../../handle/write/write-round.ts'
import type { Log } from '../../kernel/log.ts'
import type { HeldWrite } from '../../kernel/shapes/held-write.ts'
import type { HeldBack, ParkedCount } from '../../kernel/shapes/parked.ts'
import type { Meters } from '../../observe/types.ts'
import type { ClaimedRecord, ParkedAgain } from '../../sink/postgres/parked/types.ts'
import type { FailedRecord, OpenedPartition, PartitionProcessor } from '../types.ts'

/** Times in milliseconds. */
export interface DueOptions {
  /** Records at the same time. */
  readonly concurrency: number
  /** Between two looks for records that are due. */
  readonly poll: number
  readonly lease: number
  /** Failed attempts until a record becomes a letter. */
  readonly attempts: number
  readonly backoff: number
  readonly maxBackoff: number
}

/**
 * The parked records of one group. What ends a claim rejects with OCC_PARKED_FENCED if the record
 * is not this process's own any more; then nothing of it is written.
 */
export interface DueStore {
  claim(most: number, heldBack: HeldBack): Promise<readonly ClaimedRecord[]>
  renew(claimed: readonly ClaimedRecord[]): Promise<ReadonlySet<string>>
  release(claimed: ClaimedRecord): Promise<void>
  end(claimed: ClaimedRecord): Promise<void>
  again(claimed: ClaimedRecord, how: ParkedAgain, writes: readonly HeldWrite[]): Promise<void>
  letter(claimed: ClaimedRecord, letter: FailedRecord, writes: readonly HeldWrite[]): Promise<void>
  /** Ends the claim together with what handlers emitted; null: sinks write by themselves. */
  writer(claimed: ClaimedRecord): RecordWriter | null
  count(): Promise<ParkedCount>
}

export interface DueParts {
  readonly store: DueStore
  openProcessor(partition: OpenedPartition, writer: RecordWriter | null): PartitionProcessor
  /** null: it is not known yet, so nothing may be handled. */
  heldBack(): HeldBack | null
  readonly meters: Meters
  readonly log: Log
  /** Milliseconds since the epoch. */
  now(): number
}
