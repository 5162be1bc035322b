import type { TopicPartition } from '../../kernel/shapes/record.ts'
import type { Link } from '../connection/link.ts'
import { type FetchedPartition, fetchApi } from '../protocol/index.ts'

export interface OneFetch extends TopicPartition {
  readonly position: number
  readonly leaderEpoch: number
  /** Milliseconds that the broker may wait for a record. */
  readonly maxWait: number
  readonly maxBytes: number
  readonly maxBytesPerPartition: number
  readonly readUncommitted: boolean
}

/** Fetches one partition without a session. undefined: the answer does not include it. */
export async function fetchOne(
  link: Link,
  { topic, partition, position, leaderEpoch, maxBytesPerPartition, ...limits }: OneFetch,
  timeout: number,
): Promise<FetchedPartition | undefined> {
  const { maxWait, maxBytes, readUncommitted } = limits
  const wanted = { partition, leaderEpoch, offset: position, maxBytes: maxBytesPerPartition }
  const request = {
    ...{ maxWait, minBytes: 1, maxBytes, readUncommitted },
    ...{ sessionId: 0, sessionEpoch: -1, forgotten: [], rackId: '' },
    topics: [{ topic, partitions: [wanted] }],
  }
  const answer = await link.send(fetchApi, request, timeout)
  return answer.topics[0]?.partitions[0]
}
