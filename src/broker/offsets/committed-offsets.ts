import type { OccError } from '../../kernel/errors.ts'
import { partitionName, type TopicPartition } from '../../kernel/shapes/record.ts'
import type { Coordinator } from '../group/coordinator.ts'
import { refusal } from '../group/refusals.ts'
import { code, offsetFetchApi } from '../protocol/index.ts'
import type { MemberOptions, OffsetRange } from '../types.ts'
import type { Cluster } from './list-offsets.ts'

export interface CommittedParts {
  readonly options: Pick<MemberOptions, 'groupId'>
  readonly cluster: Cluster
  readonly coordinator: Coordinator
  /** Milliseconds that a broker may take to answer. */
  readonly requestTimeout: number
}

export interface Committed {
  readonly offset: number
  readonly leaderEpoch: number
  readonly metadata: string
  /** Absent: they are in the metadata, and so is their leader epoch. */
  readonly finished?: readonly OffsetRange[]
  /** Leader epoch of the last of them; -1 or absent: not known. */
  readonly finishedEpoch?: number
}

/** By name of the partition. */
export type CommittedOffsets = ReadonlyMap<string, Committed>

export interface FetchedOffsets {
  readonly committed: CommittedOffsets
  /** Partitions whose topic may not be read, by name: nobody knows what is committed of them. */
  readonly refused: ReadonlyMap<string, OccError>
}

/**
 * Reads the offsets of all partitions of the topics, because those of one partition say something
 * about the others. Also those of the wanted partitions if the metadata briefly lacks the topic, or
 * they would look new.
 */
export async function fetchCommitted(
  { options, cluster, coordinator, requestTimeout }: CommittedParts,
  wanted: readonly TopicPartition[],
): Promise<FetchedOffsets> {
  const { groupId } = options
  const doing = `Reading the offsets of the group "${groupId}"`
  const numbersOf = new Map<string, Set<number>>()
  for (const { topic, partition } of wanted) {
    const numbers = numbersOf.get(topic) ?? new Set(cluster.metadata.partitionsOf(topic))
    numbersOf.set(topic, numbers.add(partition))
  }
  const topics = [...numbersOf].map(([topic, numbers]) => ({ topic, partitions: [...numbers] }))
  const request = { groupId, topics }
  const answer = await coordinator.send(offsetFetchApi, request, 'group', requestTimeout)
  if (answer.error !== code.NONE) {
    coordinator.hasMoved(answer.error)
    throw refusal(answer.error, doing)
  }
  const committed = new Map<string, Committed>()
  const refused = new Map<string, OccError>()
  const answered = new Set<string>()
  for (const { topic, partitions } of answer.topics) {
    for (const { partition, offset, leaderEpoch, metadata, error } of partitions) {
      const name = partitionName({ topic, partition })
      const isRefused = error === code.TOPIC_AUTHORIZATION_FAILED
      if (error !== code.NONE && !isRefused) throw refusal(error, doing)
      answered.add(name)
      if (isRefused) refused.set(name, refusal(error, `${doing} for ${topic}`))
      else if (offset >= 0) committed.set(name, { offset, leaderEpoch, metadata: metadata ?? '' })
    }
  }
  // Only a partition that definitely has no committed offset may start elsewhere and commit that.
  if (wanted.some((each) => !answered.has(partitionName(each)))) {
    throw refusal(code.UNKNOWN_SERVER_ERROR, doing)
  }
  return { committed, refused }
}
