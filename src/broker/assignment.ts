import { OccError } from '../kernel/errors.ts'
import { decodeMetadata, encodeMetadata } from './commit-metadata.ts'
import type { KafkajsConsumerGroup, KafkajsOffset } from './connection/kafkajs-internals.ts'
import { explain, protocolType } from './errors.ts'
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
  /** The brokers may allow less metadata than usual: then it goes without the finished offsets. */
  let withFinished = true

  async function send(offsets: readonly OffsetToCommit[]): Promise<void> {
    try {
      await offsetManager.commitOffsets({ topics: byTopic(offsets, withFinished) })
    } catch (error) {
      if (!withFinished || protocolType(error) !== 'OFFSET_METADATA_TOO_LARGE') throw error
      withFinished = false
      await send(offsets)
    }
  }

  return {
    memberId: group.memberId ?? '',
    generation: generationId,
    partitions,
    async commit(offsets) {
      if (offsets.length === 0) return
      try {
        await send(offsets)
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

function byTopic(offsets: readonly OffsetToCommit[], withFinished: boolean) {
  const topics = new Map<string, KafkajsOffset[]>()
  for (const each of offsets) {
    const partitions = topics.get(each.topic) ?? []
    const metadata = metadataOf(each, withFinished)
    partitions.push({ partition: each.partition, offset: String(each.offset), metadata })
    topics.set(each.topic, partitions)
  }
  return [...topics].map(([topic, partitions]) => ({ topic, partitions }))
}

function metadataOf({ metadata, offset, finished }: OffsetToCommit, withFinished: boolean): string {
  // The offset that the text was read with does not matter: only `partitions` is of interest.
  const { partitions } = decodeMetadata(metadata, 0)
  // A text of other software stays as it is, as long as there is nothing to write beside it.
  if (partitions === null && finished.length === 0) return isOurs(metadata) ? '' : metadata
  return encodeMetadata({ partitions, finished: withFinished ? finished : [] }, offset)
}

/** Without `partitions` it can only be a list of finished offsets that are no longer true. */
function isOurs(metadata: string): boolean {
  return metadata.startsWith('{"v":1,"finished":')
}
