import type { TopicPartition } from '../../kernel/shapes/record.ts'
import { refusal } from '../group/refusals.ts'
import { code, errorName } from '../protocol/index.ts'
import type { PartitionProblem } from '../types.ts'

export interface Judgement {
  /**
   * - `metadata`: the leader has changed: refresh the metadata and retry soon;
   * - `position`: the offset is out of range: look up the first and the last;
   * - `wait`: wait and report it.
   */
  readonly action: 'metadata' | 'position' | 'wait'
  readonly reason: PartitionProblem['reason']
  readonly message: string
}

const MOVED: ReadonlySet<number> = new Set([
  code.NOT_LEADER_OR_FOLLOWER,
  code.LEADER_NOT_AVAILABLE,
  code.REPLICA_NOT_AVAILABLE,
  code.FENCED_LEADER_EPOCH,
  code.UNKNOWN_LEADER_EPOCH,
  code.UNKNOWN_TOPIC_ID,
  code.INCONSISTENT_TOPIC_ID,
  code.OFFSET_NOT_AVAILABLE,
])

/** Maps the error code of one partition in an answer to an action for that partition. */
export function judge(error: number, { topic, partition }: TopicPartition): Judgement {
  const doing = `Fetching ${topic}/${partition}`
  const { message } = refusal(error, doing)
  if (error === code.OFFSET_OUT_OF_RANGE) return { action: 'position', reason: 'offset', message }
  if (MOVED.has(error)) return { action: 'metadata', reason: 'no-leader', message }
  if (error === code.UNKNOWN_TOPIC_OR_PARTITION) {
    return { action: 'metadata', reason: 'unknown-topic', message }
  }
  if (error === code.TOPIC_AUTHORIZATION_FAILED) {
    return { action: 'wait', reason: 'not-authorized', message }
  }
  if (error === code.KAFKA_STORAGE_ERROR || error === code.CORRUPT_MESSAGE) {
    return {
      action: 'wait',
      reason: 'storage-error',
      message: `${doing}: its broker cannot read its disk (${errorName(error)}). Check the log of that broker.`,
    }
  }
  return { action: 'wait', reason: 'other', message }
}
