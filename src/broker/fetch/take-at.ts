import type { Lz4 } from '../batch/decompress.ts'
import { protocolError } from '../errors.ts'
import type { Cluster } from '../offsets/list-offsets.ts'
import { code } from '../protocol/index.ts'
import { MAX_BATCH_BYTES } from '../topics/codecs.ts'
import { fetchOne } from './fetch-one.ts'
import { type Place, type Taken, takeBatches } from './take-batches.ts'

export interface TakeOptions {
  readonly readUncommitted: boolean
  readonly lz4: Lz4
  /** Milliseconds that the leader may take to answer. */
  readonly timeout: number
}

export interface TakeLimits {
  /** Milliseconds that the leader may wait for a record. */
  readonly maxWait: number
  /** However little is wanted, a broker sends the first batch whole. */
  readonly maxBytes: number
}

/** The batches from a place on, of its leader. Rejects with the error that it answers. */
export async function takeAt(
  { links, metadata }: Cluster,
  { topic, partition, position }: Place,
  { maxWait, maxBytes }: TakeLimits,
  { readUncommitted, lz4, timeout }: TakeOptions,
): Promise<Taken> {
  const { leader = -1, leaderEpoch = -1 } = metadata.partition({ topic, partition }) ?? {}
  if (leader < 0) throw protocolError(code.LEADER_NOT_AVAILABLE)
  const place = { topic, partition, position }
  const limits = { maxWait, maxBytes, maxBytesPerPartition: maxBytes, readUncommitted }
  const link = links.get(leader, 'fetch')
  const found = await fetchOne(link, { ...place, leaderEpoch, ...limits }, timeout)
  if (found === undefined || found.error !== code.NONE) {
    throw protocolError(found?.error ?? code.UNKNOWN_SERVER_ERROR)
  }
  const reader = { checkCrcs: true, maxBatchBytes: MAX_BATCH_BYTES, readUncommitted, lz4 }
  return takeBatches(place, found, reader)
}
