import type { TopicPartition } from '../../kernel/shapes/record.ts'
import type { Cluster } from '../offsets/list-offsets.ts'
import { type TakeOptions, takeAt } from './take-at.ts'

/** One batch is enough. */
const LIMITS = { maxWait: 0, maxBytes: 1 }

/**
 * Timestamp of the first record from the offset on; of a batch that cannot be opened, its own. null:
 * there is none. Rejects if its leader does not answer.
 */
export async function firstTime(
  cluster: Cluster,
  { topic, partition, offset: position }: TopicPartition & { readonly offset: number },
  options: TakeOptions,
): Promise<number | null> {
  const { batches } = await takeAt(cluster, { topic, partition, position }, LIMITS, options)
  const first = batches.find(({ count }) => count > 0)
  if (first === undefined) return null
  try {
    return first.read()[0]?.timestamp ?? first.firstTimestamp
  } catch {
    return first.firstTimestamp
  }
}
