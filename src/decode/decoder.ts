import { messageOf, type OccError, toOccError } from '../kernel/errors.ts'
import type { KafkaRecord } from '../kernel/shapes/record.ts'
import type { ValueEncoding } from './encodings/encoding.ts'
import { encodings as allEncodings } from './encodings/index.ts'
import type { DocumentReader, Format, OnUnreadable, Unpacked } from './formats/format.ts'
import { formats as allFormats } from './formats/index.ts'
import { withoutEvents } from './formats/without-events.ts'
import { loadSchemas, type Schemas } from './protobuf/schemas.ts'
import { createRecall } from './recall.ts'
import { createRegistry } from './registry/registry.ts'
import type { RegistryOptions } from './registry/request.ts'
import type { Registry, RegistryHooks } from './registry/types.ts'
import { createReorgs, type Reorgs } from './reorgs.ts'
import { streams as allStreams } from './streams/index.ts'
import type { MessageStream } from './streams/message-stream.ts'
import { messageStreams as allMessageStreams } from './streams/messages.ts'
import type { Stream } from './streams/stream.ts'
import { createTopicRules, DEFAULT_RULE, type TopicRule } from './topic-rules.ts'
import type { DecodeResult, LiveDecoder, Message } from './types.ts'

export interface DecoderOptions {
  /**
   * The first matching pattern wins. A topic without a rule is JSON with automatic events, or, if
   * there are schemas and its name is known, Protocol Buffers.
   */
  readonly topics: readonly TopicRule[]
  readonly protobuf?: {
    /** Folder of `.proto` files. */
    readonly schemas?: string | undefined
    /** Whether `reorg` events are made. Default: false. */
    readonly reorgs?: boolean
  }
  /** The schema registry; without a URL there is none. Not replaced by `prepare`. */
  readonly registry?: Omit<RegistryOptions, 'url'> & { readonly url?: string | undefined }
  /** Maximum bytes of a value after decompression; a larger one is an error. */
  readonly maxMessageBytes: number
}

export interface DecoderHooks {
  readonly onUnreadable?: OnUnreadable
  readonly registry?: RegistryHooks
}

const UNHEARD: RegistryHooks = { failed() {}, answered() {} }

/** What can be decoded; tests add to it. */
export interface Registries {
  readonly encodings: readonly ValueEncoding[]
  readonly formats: readonly Format[]
  readonly streams: readonly Stream[]
  readonly messageStreams: readonly MessageStream[]
}

export const registries: Registries = {
  encodings: allEncodings,
  formats: allFormats,
  streams: allStreams,
  messageStreams: allMessageStreams,
}

const NOTHING = Buffer.alloc(0)
const TOMBSTONE: Unpacked = { encoding: 'plain', borrowed: false, unpackAgain: () => NOTHING }

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
  registered: Registries = registries,
): LiveDecoder<DecoderOptions> {
  // Not in open(): a change of the options must not forget the blocks.
  const blocks = options.protobuf?.reorgs === true ? createRecall(createReorgs()) : null
  const registry = openRegistry(options, hooks)
  const kept = { reorgs: blocks?.reorgs ?? null, registry }
  let { readers, rules } = open(options, hooks, registered, kept)

  function decodeRecord(record: KafkaRecord): Message {
    const { value } = record
    if (value === null) {
      return withoutEvents(record, NOTHING, TOMBSTONE, null)
    }
    const rule = rules.find(record.topic)
    for (const { matches, unpack, from } of readers) {
      if (matches(value)) return rule.read(record, unpack(value), from)
    }
    throw new Error('no encoding matches')
  }

  function followsBlocks(topic: string): boolean {
    return rules.find(topic).read.followsBlocks === true
  }

  return {
    decode(record): DecodeResult {
      try {
        return { ok: true, message: decodeRecord(record) }
      } catch (error) {
        return { ok: false, error: toDecodeError(error) }
      }
    },
    awaits({ topic, value }) {
      const { awaits } = rules.find(topic).read
      if (awaits === undefined || value === null) return null
      try {
        const reader = readers.find(({ matches }) => matches(value))
        return reader === undefined ? null : awaits(reader.unpackAhead(value))
      } catch {
        // It cannot be unpacked, as its decoding will say.
        return null
      }
    },
    mayAwait: (topic) => rules.find(topic).read.awaits !== undefined,
    followsBlocks,
    recall(record) {
      if (blocks === null || !followsBlocks(record.topic)) return null
      return blocks.recall(record, () => decodeRecord(record))
    },
    formatOf: (topic) => rules.find(topic).about,
    problemOf: (topic) => rules.find(topic).problem,
    prepare(next) {
      const opened = open(next, hooks, registered, kept)
      return () => {
        ;({ readers, rules } = opened)
      }
    },
    close: () => registry?.close(),
  }
}

/** What outlives a change of the options. */
interface Kept {
  readonly reorgs: Reorgs | null
  readonly registry: Registry | null
}

function openRegistry({ registry }: DecoderOptions, hooks: DecoderHooks): Registry | null {
  if (registry?.url === undefined) return null
  return createRegistry({ ...registry, url: registry.url }, hooks.registry ?? UNHEARD)
}

/** All rules of topics: with schemas, topics with a known name need none of their own. */
export function rulesOf(
  { topics, protobuf }: Pick<DecoderOptions, 'topics' | 'protobuf'>,
  messageStreams: readonly MessageStream[] = allMessageStreams,
): readonly TopicRule[] {
  if (protobuf?.schemas === undefined) return topics
  const known = messageStreams.flatMap(({ topics, format, message }) =>
    topics.map((pattern) => ({ pattern, format, message })),
  )
  return [...topics, ...known]
}

function open(
  options: DecoderOptions,
  { onUnreadable }: DecoderHooks,
  { encodings, formats, streams, messageStreams }: Registries,
  kept: Kept,
) {
  const readers = encodings.map(({ name, matches, open }) => {
    const { borrowed, read } = open({ maxBytes: options.maxMessageBytes })
    /** What `awaits` has unpacked last: its record is likely the next one. */
    let ahead: { readonly value: Buffer; readonly bytes: Buffer } | null = null
    function unpack(value: Buffer): Buffer {
      const own = ahead
      // Its memory is overwritten by whatever is unpacked next.
      ahead = null
      return own?.value === value ? own.bytes : read(value)
    }
    function unpackAhead(value: Buffer): Buffer {
      const bytes = unpack(value)
      ahead = { value, bytes }
      return bytes
    }
    const unpackAgain = ({ value }: KafkaRecord) => unpack(value ?? NOTHING)
    const from: Unpacked = { encoding: name, borrowed, unpackAgain }
    return { matches, unpack, unpackAhead, from }
  })
  const rules = createTopicRules(rulesOf(options, messageStreams), DEFAULT_RULE, openRule)
  let schemas: Schemas | null | undefined

  function openSchemas(): Schemas | null {
    const folder = options.protobuf?.schemas
    schemas ??= folder === undefined ? null : loadSchemas(folder)
    return schemas
  }

  function formatOf({ format: wanted }: TopicRule): Format {
    const format = formats.find(({ name }) => name === wanted)
    if (format === undefined) throw new Error(`there is no format ${wanted}`)
    return format
  }
  for (const rule of options.topics) formatOf(rule)

  /** A topic of which no record can be read fails with each of them. */
  function openRule(rule: TopicRule, topic: string): OpenTopic {
    const format = formatOf(rule)
    const { about } = format
    try {
      const parts = { topic, streams, messageStreams, openSchemas, onUnreadable, ...kept }
      return { about, read: format.open(rule, parts), problem: null }
    } catch (error) {
      const problem = toDecodeError(error)
      return {
        about,
        read() {
          throw problem
        },
        problem,
      }
    }
  }

  return { readers, rules }
}

interface OpenTopic {
  readonly about: string
  readonly read: DocumentReader
  readonly problem: OccError | null
}

/** An error other than our own is a bug, and still affects only this record. */
function toDecodeError(error: unknown): OccError {
  return toOccError(error, 'OCC_DECODE_FAILED', { message: `cannot decode: ${messageOf(error)}` })
}
