import type { KafkaRecord } from '../../kernel/record.ts'
import type { Stream } from '../streams/stream.ts'
import type { TopicRule } from '../topic-rules.ts'
import type { Message } from '../types.ts'

/** How the documents of a topic are written. */
export interface Format {
  /** As in `decode.topics[].format`. */
  readonly name: string
  /** What a document is then, for messages: `no record of the topic is JSON`. */
  readonly about: string
  /** The reader for the topics of a rule. */
  open(rule: TopicRule, parts: FormatParts): DocumentReader
}

export interface FormatParts {
  /** All streams; a format looks for those of its own. */
  readonly streams: readonly Stream[]
  readonly onUnreadable: OnUnreadable | undefined
}

/** Told of entries that looked like an event but had a field of a wrong type. */
export type OnUnreadable = (record: KafkaRecord, entries: number) => void

/**
 * @param bytes the unpacked value
 * @throws OccError when the bytes are no such document
 */
export type DocumentReader = (record: KafkaRecord, bytes: Buffer, from: Unpacked) => Message

/** How a value was unpacked. */
export interface Unpacked {
  /** Name of the encoding. */
  readonly encoding: string
  /** Whether the bytes are a view of memory that the next record overwrites. */
  readonly borrowed: boolean
}
