import type { TopicPartition } from '../../kernel/shapes/record.ts'
import type { Claim, OffsetRange, OffsetToCommit } from '../types.ts'

/** What a store has of a partition that was just claimed. */
export interface StoredOffset {
  readonly claim: Claim
  /** null: nothing yet, the partition is new to the store. */
  readonly offset: number | null
  /** Finished offsets above it, ascending. */
  readonly finished: readonly OffsetRange[]
  /** Leader epoch of the last finished record; -1: not known. */
  readonly finishedEpoch: number
  /** Id of the topic it belongs to; null: not recorded. */
  readonly topicId: string | null
  /** Number of partitions of the topic when the partition first got an offset; null: not recorded. */
  readonly partitions: number | null
  /** What operators did to the offset, as `encodeOperator` writes it; empty: nothing. */
  readonly operator: string
}

/** A first offset for a partition that was claimed. */
export type FirstOffset = StoredOffset & { readonly offset: number }

/** What a claim asks of the member that has it. */
export interface ClaimHolder {
  /** The claim turned out not to be the last one. */
  fenced(claim: Claim): void
  /** As `Claim.epochBefore`. */
  epochBefore(partition: TopicPartition, offset: number): number
}

/** A store that keeps the offsets of a group beside Kafka, and decides where partitions begin. */
export interface OffsetClaims {
  /**
   * Takes the partitions over: whoever had them can write nothing more. Rejects with a retriable
   * OCC_OFFSETS_STORE.
   */
  claim(
    partitions: readonly TopicPartition[],
    owner: { readonly member: string; readonly generation: number | null },
    holder: ClaimHolder,
  ): Promise<{
    readonly offsets: readonly StoredOffset[]
    /** By topic, the smallest number of partitions with which one of it began. */
    readonly partitionsThen: ReadonlyMap<string, number | null>
  }>
  /**
   * Writes first offsets, and returns the claims in their order, as they are then. Rejects as
   * `claim` does, or with a retriable OCC_OFFSETS_FENCED.
   */
  begin(offsets: readonly FirstOffset[]): Promise<readonly Claim[]>
  /**
   * Sets the offset of a claimed partition, as an operator asks. The claim is over then: nothing more
   * is written under it. Rejects if it was not set, or if nobody knows.
   */
  move(offset: OffsetToCommit): Promise<void>
}
