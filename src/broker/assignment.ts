import { OccError } from '../kernel/errors.ts'
import { explain, protocolType } from './errors.ts'
import type { KafkajsConsumerGroup, KafkajsOffset } from './kafkajs-internals.ts'
import type { AssignedPartition, Assignment, OffsetToCommit } from './types.ts'

const FENCED = new Set(['ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID', 'FENCED_INSTANCE_ID'])

/**
 * An assignment commits through the offset manager that kafkajs made for it, which carries its
 * generation and member id. After a rejoin kafkajs has another one, and the broker refuses this
 * one's: work started under one assignment cannot commit under another, by construction.
 */
export function createAssignment(
  group: KafkajsConsumerGroup,
  partitions: readonly AssignedPartition[],
): Assignment {
  const { offsetManager, generationId } = group
  return {
    memberId: group.memberId ?? '',
    generation: generationId,
    partitions,
    async commit(offsets) {
      if (offsets.length === 0) return
      try {
        await offsetManager.commitOffsets({ topics: byTopic(offsets) })
      } catch (error) {
        if (FENCED.has(protocolType(error) ?? '')) {
          throw new OccError(
            'OCC_COMMIT_FENCED',
            `The commit of generation ${generationId} was refused: the group has moved on. ` +
              'The new owner handles these records again.',
            { cause: error },
          )
        }
        const explained = explain(error, 'Committing offsets')
        throw new OccError('OCC_COMMIT_FAILED', explained.message, {
          cause: error,
          retriable: true,
        })
      }
    },
  }
}

function byTopic(offsets: readonly OffsetToCommit[]) {
  const topics = new Map<string, KafkajsOffset[]>()
  for (const { topic, partition, offset, metadata } of offsets) {
    const partitions = topics.get(topic) ?? []
    partitions.push({ partition, offset: String(offset), metadata })
    topics.set(topic, partitions)
  }
  return [...topics].map(([topic, partitions]) => ({ topic, partitions }))
}
