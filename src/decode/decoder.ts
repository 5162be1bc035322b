import { messageOf, OccError } from '../kernel/errors.ts'
import type { KafkaRecord } from '../kernel/record.ts'
import { parseJson } from './json.ts'
import { createLz4Reader } from './lz4-frame.ts'
import { startsAsLz4 } from './lz4-header.ts'
import { JsonMessage, type OnUnreadable } from './message.ts'
import { decodeText } from './text.ts'
import { createTopicRules, type EventSource, type TopicRule } from './topic-rules.ts'
import type { ChainEvent, DecodeResult, Decoder, Encoding, Json } from './types.ts'

export interface DecoderOptions {
  /** First matching pattern wins; a topic without a rule is JSON with automatic events. */
  readonly topics: readonly TopicRule[]
  /** Most bytes of a value after decompression; a larger one is an error. */
  readonly maxMessageBytes: number
}

export interface DecoderHooks {
  readonly onUnreadable?: OnUnreadable
}

const FORMAT_NAMES = { json: 'JSON', text: 'UTF-8 text', raw: 'readable' } as const
const NO_EVENTS: readonly ChainEvent[] = Object.freeze([])

/**
 * Bytes to messages. One decoder is for one thread: it decompresses into memory of its own, which
 * the next record overwrites; documents are copies of what was in it.
 *
 * A value is an LZ4 frame when it starts with the magic number of one, else it is plain. Its
 * document is the parsed JSON, a string, or (format raw) the decompressed bytes, where those of a
 * plain value are the record's own. A tombstone is a message with the document null.
 */
export function createDecoder(options: DecoderOptions, hooks: DecoderHooks = {}): Decoder {
  const { maxMessageBytes } = options
  const { onUnreadable } = hooks
  const rules = createTopicRules(options.topics)
  const lz4 = createLz4Reader({ maxBytes: maxMessageBytes })

  function decodeRecord(record: KafkaRecord): DecodeResult {
    const { value } = record
    if (value === null) return found(record, 'plain', 0, null)
    const rule = rules.find(record.topic)
    const isLz4 = startsAsLz4(value)
    const encoding = isLz4 ? 'lz4' : 'plain'
    if (!isLz4 && value.length > maxMessageBytes) throw tooLarge(value.length, maxMessageBytes)
    const bytes = isLz4 ? lz4.read(value) : value
    switch (rule.format) {
      case 'json': {
        const document = parseJson(bytes)
        const message = new JsonMessage(
          record,
          encoding,
          bytes.length,
          document,
          rule.events ?? 'auto',
          onUnreadable,
        )
        return { ok: true, message }
      }
      case 'text':
        return found(record, encoding, bytes.length, decodeText(bytes))
      case 'raw':
        return found(record, encoding, bytes.length, isLz4 ? Buffer.from(bytes) : bytes)
    }
  }

  return {
    decode(record) {
      try {
        return decodeRecord(record)
      } catch (error) {
        return { ok: false, error: asOccError(error) }
      }
    },
    formatOf: (topic) => FORMAT_NAMES[rules.find(topic).format],
  }
}

function found(
  record: KafkaRecord,
  encoding: Encoding,
  bytes: number,
  document: Json | string | Buffer | null,
): DecodeResult {
  return { ok: true, message: { record, encoding, bytes, document, events: NO_EVENTS } }
}

function tooLarge(size: number, limit: number): OccError {
  return new OccError(
    'OCC_MESSAGE_TOO_LARGE',
    `a value of ${size} bytes; decode.maxMessageBytes allows ${limit}`,
  )
}

/** Anything else than our own error is a fault of ours, and still only concerns this record. */
function asOccError(error: unknown): OccError {
  if (error instanceof OccError) return error
  return new OccError('OCC_DECODE_FAILED', `cannot decode: ${messageOf(error)}`, { cause: error })
}

export type { EventSource, TopicRule }
