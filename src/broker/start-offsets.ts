import { OccError } from '../kernel/errors.ts'
import type { TopicPartition } from '../kernel/record.ts'
import { decodeMetadata, encodeMetadata } from './commit-metadata.ts'
import type { KafkajsConsumerGroup } from './connection/kafkajs-internals.ts'
import { toOffset } from './offsets.ts'
import type { AssignedPartition, LostRange, MemberOptions } from './types.ts'

interface Committed {
  readonly offset: number
  readonly metadata: string
}

/**
 * Where each assigned partition begins. Partitions without a committed offset get one by
 * the topic's `autoOffsetReset`, which is committed at once, so that lag is defined from the first second and
 * a restart before the first commit does not decide again. Runs after the join, before any fetch.
 */
export async function prepareStartOffsets(
  group: KafkajsConsumerGroup,
  resetOf: (topic: string) => MemberOptions['autoOffsetReset'],
): Promise<AssignedPartition[]> {
  const prepared: AssignedPartition[] = []
  for (const { topic, partitions } of group.assigned()) {
    const known = group.cluster.findTopicPartitionMetadata(topic).map((p) => p.partitionId)
    const committed = await fetchCommitted(group, topic, known)
    const missing = partitions.filter((partition) => !committed.has(partition))
    if (missing.length > 0) {
      const initial = await initialOffsets(group, topic, missing, committed, resetOf(topic))
      const metadata = encodeMetadata({ partitions: known.length, finished: [] }, 0)
      await group.offsetManager.commitOffsets({
        topics: [
          {
            topic,
            partitions: initial.map(({ partition, offset }) => ({
              partition,
              offset: String(offset),
              metadata,
            })),
          },
        ],
      })
      for (const { partition, offset } of initial) committed.set(partition, { offset, metadata })
    }
    const cache = group.offsetManager.committedOffsets()
    cache[topic] ??= {}
    for (const partition of partitions) {
      const start = committed.get(partition)
      if (start === undefined) continue
      cache[topic][partition] = String(start.offset)
      const { offset: startOffset, metadata } = start
      const { finished } = decodeMetadata(metadata, startOffset)
      prepared.push({ topic, partition, startOffset, metadata, finished })
    }
  }
  return prepared
}

async function fetchCommitted(
  group: KafkajsConsumerGroup,
  topic: string,
  partitions: readonly number[],
): Promise<Map<number, Committed>> {
  const coordinator = await group.offsetManager.getCoordinator()
  const { responses } = await coordinator.offsetFetch({
    groupId: group.groupId,
    topics: [{ topic, partitions: partitions.map((partition) => ({ partition })) }],
  })
  const committed = new Map<number, Committed>()
  for (const { partition, offset, metadata } of responses.flatMap((r) => r.partitions)) {
    if (toOffset(offset) >= 0) {
      committed.set(partition, { offset: toOffset(offset), metadata: metadata ?? '' })
    }
  }
  return committed
}

async function initialOffsets(
  group: KafkajsConsumerGroup,
  topic: string,
  missing: readonly number[],
  committed: ReadonlyMap<number, Committed>,
  autoOffsetReset: MemberOptions['autoOffsetReset'],
): Promise<Array<{ partition: number; offset: number }>> {
  const counts = [...committed.values()]
    .map(({ metadata, offset }) => decodeMetadata(metadata, offset).partitions)
    .filter((count) => count !== null)
  const addedFrom = counts.length === 0 ? Number.POSITIVE_INFINITY : Math.min(...counts)
  const added = missing.filter((partition) => partition >= addedFrom)
  const others = missing.filter((partition) => partition < addedFrom)
  if (others.length > 0 && autoOffsetReset === 'none') {
    throw new OccError(
      'OCC_NO_OFFSET',
      `The group "${group.groupId}" has no committed offset for ${topic} partition ${others.join(', ')} ` +
        'and kafka.autoOffsetReset is none. Set it to earliest or latest, or commit an offset first.',
    )
  }
  const early = autoOffsetReset === 'earliest' ? missing : added
  const late = autoOffsetReset === 'earliest' ? [] : others
  return [
    ...(await listOffsets(group, topic, early, true)),
    ...(await listOffsets(group, topic, late, false)),
  ]
}

/** First offset kept (`fromBeginning`) or the end offset, of each partition. */
export async function listOffsets(
  group: KafkajsConsumerGroup,
  topic: string,
  partitions: readonly number[],
  fromBeginning: boolean,
): Promise<Array<{ partition: number; offset: number }>> {
  if (partitions.length === 0) return []
  const found = await group.cluster.fetchTopicsOffset([
    { topic, partitions: partitions.map((partition) => ({ partition })), fromBeginning },
  ])
  return found
    .flatMap((entry) => entry.partitions)
    .map(({ partition, offset }) => ({ partition, offset: toOffset(offset) }))
}

/**
 * The position is outside of what the broker keeps. Below it: retention was faster, the range in
 * between is lost for ever and the caller says so. Above it: the topic was made anew or cut, so
 * everything in it is unread. In both cases consuming goes on at the first offset that is kept.
 */
export async function recoverOutOfRange(
  group: KafkajsConsumerGroup,
  { topic, partition }: TopicPartition,
): Promise<LostRange> {
  const position = toOffset(group.offsetManager.nextOffset(topic, partition).toString())
  const [first] = await listOffsets(group, topic, [partition], true)
  if (first === undefined) {
    throw new OccError('OCC_OFFSET_UNKNOWN', `No offsets are known for ${topic}/${partition}.`, {
      retriable: true,
    })
  }
  await group.offsetManager.seek({ topic, partition, offset: String(first.offset) })
  return { topic, partition, from: position, to: first.offset }
}
