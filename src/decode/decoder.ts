import { messageOf, type OccError, toOccError } from '../kernel/errors.ts'
import type { KafkaRecord } from '../kernel/record.ts'
import type { ValueEncoding } from './encodings/encoding.ts'
import { encodings as allEncodings } from './encodings/index.ts'
import type { Format, OnUnreadable, Unpacked } from './formats/format.ts'
import { formats as allFormats } from './formats/index.ts'
import { withoutEvents } from './formats/without-events.ts'
import { streams as allStreams } from './streams/index.ts'
import type { Stream } from './streams/stream.ts'
import { createTopicRules, DEFAULT_RULE, type TopicRule } from './topic-rules.ts'
import type { DecodeResult, LiveDecoder, Message } from './types.ts'

export interface DecoderOptions {
  /** The first matching pattern wins; a topic without a rule is JSON with automatic events. */
  readonly topics: readonly TopicRule[]
  /** Maximum bytes of a value after decompression; a larger one is an error. */
  readonly maxMessageBytes: number
}

export interface DecoderHooks {
  readonly onUnreadable?: OnUnreadable
}

/** What can be decoded; tests add to it. */
export interface Registries {
  readonly encodings: readonly ValueEncoding[]
  readonly formats: readonly Format[]
  readonly streams: readonly Stream[]
}

export const registries: Registries = {
  encodings: allEncodings,
  formats: allFormats,
  streams: allStreams,
}

const NOTHING = Buffer.alloc(0)
const TOMBSTONE: Unpacked = { encoding: 'plain', borrowed: false }

/**
 * Decodes bytes to messages. A decoder belongs to one thread: it unpacks into its own memory, which
 * the next record overwrites; documents are copies.
 *
 * The first bytes of a value determine its encoding, the topic's rule the format of its document. A
 * tombstone is a message with the document null.
 */
export function createDecoder(
  options: DecoderOptions,
  hooks: DecoderHooks = {},
  { encodings, formats, streams }: Registries = registries,
): LiveDecoder<DecoderOptions> {
  const { onUnreadable } = hooks
  let { readers, rules } = open(options)

  function open({ topics, maxMessageBytes }: DecoderOptions) {
    return {
      readers: encodings.map(({ name, matches, open }) => {
        const { borrowed, read } = open({ maxBytes: maxMessageBytes })
        return { matches, read, from: { encoding: name, borrowed } }
      }),
      rules: createTopicRules(topics.map(openRule), openRule(DEFAULT_RULE)),
    }
  }

  function openRule(rule: TopicRule) {
    const format = formats.find(({ name }) => name === rule.format)
    if (format === undefined) throw new Error(`there is no format ${rule.format}`)
    const { about } = format
    return { pattern: rule.pattern, about, read: format.open(rule, { streams, onUnreadable }) }
  }

  function decodeRecord(record: KafkaRecord): Message {
    const { value } = record
    if (value === null) {
      return withoutEvents(record, NOTHING, TOMBSTONE, null)
    }
    const rule = rules.find(record.topic)
    for (const { matches, read, from } of readers) {
      if (matches(value)) return rule.read(record, read(value), from)
    }
    throw new Error('no encoding matches')
  }

  return {
    decode(record): DecodeResult {
      try {
        return { ok: true, message: decodeRecord(record) }
      } catch (error) {
        return { ok: false, error: toDecodeError(error) }
      }
    },
    formatOf: (topic) => rules.find(topic).about,
    prepare(next) {
      const opened = open(next)
      return () => {
        ;({ readers, rules } = opened)
      }
    },
  }
}

/** An error other than our own is a bug, and still affects only this record. */
function toDecodeError(error: unknown): OccError {
  return toOccError(error, 'OCC_DECODE_FAILED', { message: `cannot decode: ${messageOf(error)}` })
}
