import { OccError } from '../../kernel/errors.ts'

/**
 * The partitions of a topic that are wanted; null: all.
 * @throws OccError OCC_PARTITION_UNKNOWN if one does not exist
 */
export function wantedPartitions(
  topic: string,
  all: readonly number[],
  wanted: readonly number[] | null,
): readonly number[] {
  const missing = wanted?.find((partition) => !all.includes(partition))
  if (missing === undefined) return wanted ?? all
  throw new OccError(
    'OCC_PARTITION_UNKNOWN',
    `There is no partition ${missing} of the topic "${topic}": it has ${all.length}, from 0 to ${all.length - 1}.`,
  )
}
