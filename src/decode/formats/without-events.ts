import type { KafkaRecord } from '../../kernel/shapes/record.ts'
import type { ChainEvent, Message } from '../types.ts'
import type { Unpacked } from './format.ts'

const NO_EVENTS: readonly ChainEvent[] = Object.freeze([])

/** The message of a document without a search for events. */
export function withoutEvents(
  record: KafkaRecord,
  bytes: Buffer,
  { encoding }: Unpacked,
  document: Message['document'],
): Message {
  return { record, encoding, bytes: bytes.length, document, events: NO_EVENTS }
}
