import type { KafkaRecord } from '../../kernel/shapes/record.ts'
import type { Schemas } from '../protobuf/schemas.ts'
import type { Registry } from '../registry/types.ts'
import type { Reorgs } from '../reorgs.ts'
import type { MessageStream } from '../streams/message-stream.ts'
import type { Stream } from '../streams/stream.ts'
import type { TopicRule } from '../topic-rules.ts'
import type { Message } from '../types.ts'

/** The format of a topic's documents. */
export interface Format {
  /** As in `decode.topics[].format`. */
  readonly name: string
  /** What a document is, for messages: `no record of the topic is JSON`. */
  readonly about: string
  /** The reader of a topic. @throws OccError if no record of the topic could be read */
  open(rule: TopicRule, parts: FormatParts): DocumentReader
}

export interface FormatParts {
  readonly topic: string
  /** All streams; a format selects its own. */
  readonly streams: readonly Stream[]
  readonly messageStreams: readonly MessageStream[]
  /** The schemas of `decode.protobuf.schemas`, read once; null without it. @throws OccError */
  openSchemas(): Schemas | null
  readonly onUnreadable: OnUnreadable | undefined
  /** null: there is none in the configuration. */
  readonly registry: Registry | null
  /** null: superseded blocks are not looked for. */
  readonly reorgs: Reorgs | null
}

/** Called for entries that looked like an event but had a field of a wrong type. */
export type OnUnreadable = (record: KafkaRecord, entries: number) => void

export interface DocumentReader {
  /**
   * @param bytes The unpacked value.
   * @throws OccError if the bytes are not such a document
   */
  (record: KafkaRecord, bytes: Buffer, from: Unpacked): Message
  /** As `Decoder.awaits`, for the unpacked value. Absent: there is never anything to wait for. */
  readonly awaits?: (bytes: Buffer) => Promise<void> | null
  /** Whether superseded blocks are looked for. Absent: they are not. */
  readonly followsBlocks?: boolean
}

/** How a value was unpacked. */
export interface Unpacked {
  /** Name of the encoding. */
  readonly encoding: string
  /** Whether the bytes are a view of memory that the next record overwrites. */
  readonly borrowed: boolean
  /** The bytes of the same record again, which the next record overwrites if they are borrowed. */
  unpackAgain(record: KafkaRecord): Buffer
}
