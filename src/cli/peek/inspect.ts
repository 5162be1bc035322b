import { createDecoder, registries, rulesOf } from '../../decode/decoder.ts'
import { streamNamesIn, streamsOf } from '../../decode/streams/find-events.ts'
import { createTopicRules, DEFAULT_RULE } from '../../decode/topic-rules.ts'
import type { ChainEvent, Message } from '../../decode/types.ts'
import { codeOf, messageOf } from '../../kernel/errors.ts'
import type { KafkaRecord } from '../../kernel/shapes/record.ts'
import { redactText } from '../../kernel/text/redact-text.ts'
import { createUnpacking } from '../records/decoding.ts'
import { recordToLine, type Unpacked } from '../records/record-line.ts'

type DecodeOptions = Parameters<typeof createDecoder>[0]

/** A record and what the decoder makes of it. */
export interface Inspection {
  readonly record: KafkaRecord
  /** As its first bytes say. */
  readonly encoding: string
  /** As the topic's rule says. */
  readonly format: string
  /** null: it cannot be decoded. */
  readonly message: Message | null
  readonly events: readonly ChainEvent[]
  /** Streams whose shape its entries have. */
  readonly streams: readonly string[]
  /** Entries that look like an event and cannot be read. */
  readonly unreadable: number
  /** Why it cannot be decoded: code and text. */
  readonly problem: string | null
  /** The unpacked text; null: the value is not text. */
  readonly unpacked: Unpacked | null
}

export interface Inspector {
  (record: KafkaRecord): Inspection
  /** As `Decoder.awaits`. */
  awaits(record: KafkaRecord): Promise<void> | null
}

/** Decodes records as the service would. */
export function createInspector(options: DecodeOptions): Inspector {
  let unreadable = 0
  const decoder = createDecoder(options, {
    onUnreadable: (_, entries) => {
      unreadable += entries
    },
  })
  const rules = createTopicRules(rulesOf(options), DEFAULT_RULE, (rule) => rule)
  const unpack = createUnpacking(options.maxMessageBytes)

  function inspect(record: KafkaRecord): Inspection {
    unreadable = 0
    const { value } = record
    const encoding =
      value === null
        ? 'none'
        : (registries.encodings.find(({ matches }) => matches(value))?.name ?? 'none')
    const { format, events: source = 'auto' } = rules.find(record.topic)
    const result = decoder.decode(record)
    const message = result.ok ? result.message : null
    const wanted = streamsOf(format, source, registries.streams)
    // Reading them counts the unreadable ones.
    const events = message?.events ?? []
    return {
      record,
      encoding,
      format,
      message,
      events,
      streams:
        message === null || Buffer.isBuffer(message.document)
          ? []
          : streamNamesIn(message.document, wanted),
      unreadable,
      problem: result.ok ? null : `${codeOf(result.error)}: ${redactText(messageOf(result.error))}`,
      unpacked: unpack(record),
    }
  }

  return Object.assign(inspect, { awaits: decoder.awaits })
}

/** As a sample for `handler test`, with what was decoded beside it. */
export function inspectionToLine(inspection: Inspection): string {
  const { record, message, events, unpacked, problem, encoding, format, streams, unreadable } =
    inspection
  // What cannot be decoded is written as it is, byte for byte.
  const asText = problem === null ? unpacked : null
  return recordToLine(record, asText, {
    encoding,
    format,
    streams,
    valueBytes: record.value?.length ?? null,
    bytes: message?.bytes ?? null,
    events,
    unreadable,
    problem,
  })
}
