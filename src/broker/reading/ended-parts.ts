import { OccError } from '../../kernel/errors.ts'
import { partitionName, type TopicPartition } from '../../kernel/shapes/record.ts'
import type { PartitionProblem } from '../types.ts'

/** A part with an end that is not read to it. */
export interface UnreadRange extends TopicPartition {
  /** Everything below it was read. */
  readonly position: number
  readonly to: number
}

const WHY = 'an election without all replicas, or a broker that lost its disk'

/** The log ends behind what was read: some of that is not in it any more. @param end where it was cut */
export function cutBehind(range: UnreadRange, end: number): OccError {
  const { position } = range
  return new OccError(
    'OCC_LOG_CUT',
    `${partitionName(range)}: the log was cut at offset ${end} (${WHY}). The range was read up to offset ${position}: ${position - end} offsets of it (${end} to ${position - 1}) are no longer in the log, or are other records now.${unread(range)}`,
  )
}

/**
 * The log ended before the range does. @param end where it ends now: null if its leader does not say.
 * It may be longer than the range again, with other records.
 */
export function cutShort(range: UnreadRange, end: number | null): OccError {
  const { position, to } = range
  if (end === null || end >= to) {
    return new OccError(
      'OCC_LOG_CUT',
      `${partitionName(range)}: the log was cut (${WHY}); at which offset is not known. The range was read up to offset ${position}; what is below it may be other records now.${unread(range)}`,
    )
  }
  return new OccError(
    'OCC_LOG_CUT',
    `${partitionName(range)}: the log was cut (${WHY}). It ends at offset ${end} now, and the range at ${to}: ${to - end} offsets (${end} to ${to - 1}) are no longer there.`,
  )
}

export function madeAnew(range: UnreadRange): OccError {
  return new OccError(
    'OCC_TOPIC_MADE_ANEW',
    `${partitionName(range)}: the topic was deleted and made anew, so the rest of the range is gone.${unread(range)}`,
  )
}

function unread({ position, to }: UnreadRange): string {
  return position < to ? ` Not read: ${to - position} offsets (${position} to ${to - 1}).` : ''
}

/** @param seconds for how long it was tried */
export function unreadableFor(
  part: TopicPartition,
  position: number,
  { message, damage }: PartitionProblem,
  seconds: number,
): OccError {
  const { codec = 'unknown', firstOffset = position, lastOffset = position } = damage ?? {}
  const isEndKnown = codec !== 'unknown'
  const which = isEndKnown
    ? `offsets ${firstOffset} to ${lastOffset}`
    : `the batch at offset ${firstOffset}, whose last offset is not known,`
  // A batch whose end is known is held only where the configuration wants it.
  const remedy = isEndKnown
    ? 'set deadLetters.corruptBatches to keep: it becomes one dead letter'
    : 'begin at a time behind it'
  return new OccError(
    damage?.error.code === 'OCC_BATCH_CODEC' ? 'OCC_BATCH_CODEC' : 'OCC_BATCH_CORRUPT',
    `${partitionName(part)}: ${which} cannot be read (codec ${codec}), tried for ${seconds} s (kafka.restartWindow): ${message} Nothing behind it was read. Repair it from another replica, or ${remedy}.`,
  )
}
