import type { TopicPartition } from '../../kernel/shapes/record.ts'
import { NOT_MOVED, type OperatorMove, type Replay, replayAt } from '../../kernel/shapes/replay.ts'
import type { Metadata } from '../cluster/metadata.ts'
import type { OffsetRange } from '../types.ts'
import { decodeFinished, encodeFinished } from './finished-offsets.ts'

/**
 * The metadata committed with each offset (Kafka allows a string for it, 4 KiB by default).
 *
 * `partitions` is the number of partitions the topic had when this partition first got an offset in
 * this group; later commits keep it. It identifies partitions that were added later: their number
 * is at least the smallest `partitions` of the topic. These are read from their first record,
 * whatever `auto.offset.reset` says.
 *
 * `topicId` is the topic's id when the offset was first committed. If it differs now, the topic was
 * deleted and recreated, and the offset does not apply to it.
 *
 * `finished` are the finished offsets above the committed one, which the next owner need not handle
 * again. Only as many of the lowest as fit; the others are handled again. `epoch` is the leader epoch
 * of the last of them: if the log was truncated below it since, other records have their offsets.
 *
 * `move`, `replay` and `skippedFrom` are an operator's: what was done last to the offset, and what
 * is handled once more or never because of it. Later commits keep them, a replay until it is over.
 */
export interface CommitMetadata extends OperatorMove {
  readonly partitions: number | null
  readonly topicId: string | null
  readonly finished: readonly OffsetRange[]
  /** Leader epoch of the last finished record. Absent: not known. */
  readonly finishedEpoch?: number
}

/** @param offset the committed offset, to which `finished` is bound */
export function encodeMetadata(metadata: CommitMetadata, offset: number): string {
  const { partitions, topicId, move, skippedFrom, finishedEpoch } = metadata
  const finished = encodeFinished(metadata.finished, offset)
  const replay = replayAt(metadata.replay, offset)
  if ([partitions, topicId, move, replay, skippedFrom, finished].every((each) => each === null))
    return ''
  return JSON.stringify({
    v: 1,
    ...(partitions === null ? {} : { partitions }),
    ...(topicId === null ? {} : { topic: topicId }),
    ...(move === null ? {} : { move }),
    ...(replay === null ? {} : { replay: [replay.from, replay.to, Number(replay.deduplicates)] }),
    ...(skippedFrom === null ? {} : { skipped: skippedFrom }),
    ...(finished === null ? {} : { finished }),
    ...(finished === null || (finishedEpoch ?? -1) < 0 ? {} : { epoch: finishedEpoch }),
  })
}

/** Only what operators did, for a store that has the rest in fields of its own. Empty: nothing. */
export function encodeOperator(operator: OperatorMove, offset: number): string {
  const { move, replay, skippedFrom } = operator
  return encodeMetadata(
    { partitions: null, topicId: null, finished: [], move, replay, skippedFrom },
    offset,
  )
}

/** The metadata for the first offset of a partition, from its topic as it is now. */
export function markOf(metadata: Metadata, { topic }: TopicPartition, offset: number): string {
  const topicId = metadata.topic(topic)?.topicId ?? null
  const partitions = metadata.partitionsOf(topic).length || null
  return encodeMetadata({ partitions, topicId, finished: [], ...NOT_MOVED }, offset)
}

/** Never throws: other software may have committed the offset with a text of its own. */
export function decodeMetadata(text: string | null | undefined, offset: number): CommitMetadata {
  try {
    const value: unknown = JSON.parse(text || 'null')
    if (typeof value === 'object' && value !== null) {
      const partitions = 'partitions' in value ? value.partitions : null
      const topicId = 'topic' in value ? value.topic : null
      const finished = 'finished' in value ? value.finished : null
      const epoch = 'epoch' in value ? value.epoch : null
      const move = 'move' in value ? value.move : null
      const skipped = 'skipped' in value ? value.skipped : null
      const replay = 'replay' in value ? decodeReplay(value.replay) : null
      return {
        partitions: typeof partitions === 'number' && partitions > 0 ? partitions : null,
        topicId: typeof topicId === 'string' && topicId !== '' ? topicId : null,
        finished: typeof finished === 'string' ? decodeFinished(finished, offset) : [],
        ...(isOffset(epoch) && { finishedEpoch: epoch }),
        move: typeof move === 'string' && /^[\w-]{1,64}$/.test(move) ? move : null,
        replay: replayAt(replay, offset),
        skippedFrom: isOffset(skipped) ? skipped : null,
      }
    }
  } catch {
    // Written by other software.
  }
  return { partitions: null, topicId: null, finished: [], ...NOT_MOVED }
}

/** Whether an offset was committed of another topic of that name. null: not known; then it is taken for the same. */
export function isOfOtherTopic(committed: string | null, now: string | null): boolean {
  return committed !== null && now !== null && committed !== now
}

function decodeReplay(value: unknown): Replay | null {
  if (!Array.isArray(value)) return null
  const [from, to, deduplicates]: unknown[] = value
  if (!isOffset(from) || !isOffset(to)) return null
  return { from, to, deduplicates: deduplicates === 1 }
}

function isOffset(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}
