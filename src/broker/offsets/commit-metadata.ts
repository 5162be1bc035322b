import type { TopicPartition } from '../../kernel/record.ts'
import type { Metadata } from '../cluster/metadata.ts'
import type { OffsetRange } from '../types.ts'
import { decodeFinished, encodeFinished } from './finished-offsets.ts'

/**
 * What is written beside each committed offset (Kafka gives a string for it, 4 KiB by default).
 *
 * `partitions` is the number of partitions the topic had when this partition first got an offset
 * in this group, and is carried along unchanged. So a partition without a committed offset can be
 * told apart: number >= the smallest `partitions` of its topic means that it was added later, and
 * must be read from its first record whatever `auto.offset.reset` says.
 *
 * `topicId` is the topic's id when the offset was first committed: another one now means that the
 * topic was deleted and made anew, and that the offset says nothing about it.
 *
 * `finished` are the offsets above the committed one that are finished: whoever takes the partition
 * over need not handle them again. Only as many of the lowest as fit; the rest comes again.
 */
export interface CommitMetadata {
  readonly partitions: number | null
  readonly topicId: string | null
  readonly finished: readonly OffsetRange[]
}

/** @param offset the one it is committed with; it binds `finished` to it. */
export function encodeMetadata(metadata: CommitMetadata, offset: number): string {
  const { partitions, topicId } = metadata
  const finished = encodeFinished(metadata.finished, offset)
  if (partitions === null && topicId === null && finished === null) return ''
  return JSON.stringify({
    v: 1,
    ...(partitions === null ? {} : { partitions }),
    ...(topicId === null ? {} : { topic: topicId }),
    ...(finished === null ? {} : { finished }),
  })
}

/** What goes beside the first offset of a partition, of its topic as it is now. */
export function markOf(metadata: Metadata, { topic }: TopicPartition, offset: number): string {
  const topicId = metadata.topic(topic)?.topicId ?? null
  const partitions = metadata.partitionsOf(topic).length || null
  return encodeMetadata({ partitions, topicId, finished: [] }, offset)
}

/** Never throws: the offset may have been committed by other software, with a text of its own. */
export function decodeMetadata(text: string | null | undefined, offset: number): CommitMetadata {
  try {
    const value: unknown = JSON.parse(text || 'null')
    if (typeof value === 'object' && value !== null) {
      const partitions = 'partitions' in value ? value.partitions : null
      const topicId = 'topic' in value ? value.topic : null
      const finished = 'finished' in value ? value.finished : null
      return {
        partitions: typeof partitions === 'number' && partitions > 0 ? partitions : null,
        topicId: typeof topicId === 'string' && topicId !== '' ? topicId : null,
        finished: typeof finished === 'string' ? decodeFinished(finished, offset) : [],
      }
    }
  } catch {
    // Not ours.
  }
  return { partitions: null, topicId: null, finished: [] }
}
