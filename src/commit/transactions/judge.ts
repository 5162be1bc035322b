import type { TopicPartition } from '../../kernel/shapes/record.ts'
import type { Move, StoredVersion } from './types.ts'

type Found = StoredVersion | null | undefined

/** The row is as the move expects it, or as it leaves it: the claim is still the last one. */
export function isMine({ claim, version }: Move, found: Found): boolean {
  return found?.epoch === claim.epoch && found.version === version
}

/** The row has been moved by this very transaction: no other has this claim and this version. */
export function wasCommitted({ claim, version }: Move, found: Found): boolean {
  return found?.epoch === claim.epoch && found.version === version + 1
}

/** The order in which every process locks rows. As PostgreSQL compares text with collation "C". */
export function order(one: TopicPartition, other: TopicPartition): number {
  if (one.topic === other.topic) return one.partition - other.partition
  return one.topic < other.topic ? -1 : 1
}
