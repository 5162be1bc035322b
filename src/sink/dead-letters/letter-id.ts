import { createHash } from 'node:crypto'
import type { DeadLetter } from '../../kernel/shapes/dead-letter.ts'
import { recordName } from '../../kernel/shapes/record.ts'
import type { StoredLetter } from './types.ts'

/**
 * 16 hexadecimal digits that identify a letter: short enough to type, and equal each time that the
 * same record is kept for the same handlers of the same group. They include the timestamp, because
 * the offsets of a recreated topic restart at 0. Letters of version 0.1 name no group.
 */
export function letterId({
  record,
  handler,
  group,
}: Pick<StoredLetter, 'record' | 'handler' | 'group'>): string {
  const { topic, partition, offset, timestamp } = record
  const place = [topic, partition, offset, timestamp, handler]
  return createHash('sha256')
    .update(JSON.stringify([...place, ...(group === null ? [] : [group])]))
    .digest('hex')
    .slice(0, 16)
}

/** `topic/partition/offset`: where the record came from. */
export function coordinates({ record }: Pick<DeadLetter, 'record'>): string {
  return recordName(record)
}
