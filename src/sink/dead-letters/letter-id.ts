import { createHash } from 'node:crypto'
import type { DeadLetter } from '../../kernel/dead-letter.ts'

/**
 * 16 hexadecimal digits that identify a letter: short enough to type, and equal each time that the
 * same record is kept for the same handlers. They include the timestamp, because the offsets of a
 * recreated topic restart at 0.
 */
export function letterId({ record, handler }: Pick<DeadLetter, 'record' | 'handler'>): string {
  const { topic, partition, offset, timestamp } = record
  return createHash('sha256')
    .update(JSON.stringify([topic, partition, offset, timestamp, handler]))
    .digest('hex')
    .slice(0, 16)
}

/** `topic/partition/offset`: where the record came from. */
export function coordinates({ record }: Pick<DeadLetter, 'record'>): string {
  return `${record.topic}/${record.partition}/${record.offset}`
}
