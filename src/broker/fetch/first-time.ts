import type { TopicPartition } from '../../kernel/record.ts'
import type { Lz4 } from '../batch/decompress.ts'
import { protocolError } from '../errors.ts'
import type { Cluster } from '../offsets/list-offsets.ts'
import { code } from '../protocol/index.ts'
import { MAX_BATCH_BYTES } from '../topics/codecs.ts'
import { fetchOne } from './fetch-one.ts'
import { takeBatches } from './take-batches.ts'

export interface FirstTimeOptions {
  readonly readUncommitted: boolean
  readonly lz4: Lz4
  /** Milliseconds that the leader may take to answer. */
  readonly timeout: number
}

/** However little is wanted, a broker sends the first batch whole. */
const LIMITS = { maxWait: 0, maxBytes: 1, maxBytesPerPartition: 1 }

/**
 * Timestamp of the first record from the offset on; of a batch that cannot be opened, its own. null:
 * there is none. Rejects if its leader does not answer.
 */
export async function firstTime(
  { links, metadata }: Cluster,
  { topic, partition, offset: position }: TopicPartition & { readonly offset: number },
  { readUncommitted, lz4, timeout }: FirstTimeOptions,
): Promise<number | null> {
  const { leader = -1, leaderEpoch = -1 } = metadata.partition({ topic, partition }) ?? {}
  if (leader < 0) throw protocolError(code.LEADER_NOT_AVAILABLE)
  const place = { topic, partition, position }
  const wanted = { ...place, leaderEpoch, ...LIMITS, readUncommitted }
  const found = await fetchOne(links.get(leader, 'fetch'), wanted, timeout)
  if (found === undefined || found.error !== code.NONE) {
    throw protocolError(found?.error ?? code.UNKNOWN_SERVER_ERROR)
  }
  const reader = { checkCrcs: true, maxBatchBytes: MAX_BATCH_BYTES, readUncommitted, lz4 }
  const first = takeBatches(place, found, reader).batches.find(({ count }) => count > 0)
  if (first === undefined) return null
  try {
    return first.read()[0]?.timestamp ?? first.firstTimestamp
  } catch {
    return first.firstTimestamp
  }
}
