import { createDecoder, type DecoderOptions, registries } from '../../decode/decoder.ts'
import { decodeText } from '../../decode/text.ts'
import type { DecodeResult, Decoder, Message } from '../../decode/types.ts'
import { codeOf, messageOf } from '../../kernel/errors.ts'
import type { KafkaRecord } from '../../kernel/shapes/record.ts'
import { redactText } from '../../kernel/text/redact-text.ts'
import { isLineEncoding, type Unpacked } from './record-line.ts'

/** What the service would make of a record. Each part is made when it is first read. */
export interface Decoded {
  /** null: it cannot be decoded. */
  readonly message: Message | null
  /** Why it cannot be decoded: code and text; null: it can. */
  readonly problem: string | null
  /** In words: `JSON`. */
  readonly format: string
  /** The value as it was sent, if it is text. */
  readonly unpacked: Unpacked | null
  /** The decoded value as one line of text; null: it is not text. */
  readonly text: string | null
}

export interface Decoding {
  (record: KafkaRecord): Decoded
  /** As `Decoder.awaits`: what is not awaited cannot be decoded. */
  awaits(record: KafkaRecord): Promise<void> | null
  close(): void
}

/** Decodes records as the service would, for output. */
export function createDecoding(options: DecoderOptions): Decoding {
  const decoder = createDecoder(options)
  const unpack = createUnpacking(options.maxMessageBytes)
  const decode = (record: KafkaRecord) => new LazyDecoded(record, decoder, unpack)
  const awaits = (record: KafkaRecord) => decoder.awaits?.(record) ?? null
  return Object.assign(decode, { awaits, close: () => decoder.close?.() })
}

class LazyDecoded implements Decoded {
  readonly format: string
  readonly #record: KafkaRecord
  readonly #decoder: Decoder
  readonly #unpack: (record: KafkaRecord) => Unpacked | null
  #result: DecodeResult | undefined
  #unpacked: Unpacked | null | undefined
  #isJson: boolean | undefined

  constructor(
    record: KafkaRecord,
    decoder: Decoder,
    unpack: (record: KafkaRecord) => Unpacked | null,
  ) {
    this.format = decoder.formatOf(record.topic)
    this.#record = record
    this.#decoder = decoder
    this.#unpack = unpack
  }

  get message(): Message | null {
    this.#result ??= this.#decoder.decode(this.#record)
    return this.#result.ok ? this.#result.message : null
  }

  get problem(): string | null {
    // Text that is JSON can be decoded; to decode it again would only cost time.
    if (this.isJsonText || this.message !== null || this.#result?.ok !== false) return null
    const { error } = this.#result
    return `${codeOf(error)}: ${redactText(messageOf(error))}`
  }

  get unpacked(): Unpacked | null {
    if (this.#unpacked === undefined) this.#unpacked = this.#unpack(this.#record)
    return this.#unpacked
  }

  get text(): string | null {
    // The text that was sent: numbers keep their digits.
    if (this.isJsonText) return oneLine(this.unpacked?.text ?? '')
    const document = this.message?.document ?? null
    if (document === null || Buffer.isBuffer(document)) return null
    return typeof document === 'string' ? oneLine(document) : JSON.stringify(document)
  }

  private get isJsonText(): boolean {
    this.#isJson ??= this.format === JSON_FORMAT && isJson(this.unpacked?.text)
    return this.#isJson
  }
}

const JSON_FORMAT = 'JSON'

function isJson(text: string | undefined): boolean {
  if (text === undefined) return false
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Unpacks values that are text in an encoding that lines of records can name. */
export function createUnpacking(maxBytes: number): (record: KafkaRecord) => Unpacked | null {
  const readers = registries.encodings.map((encoding) => ({
    ...encoding,
    ...encoding.open({ maxBytes }),
  }))
  return ({ value }) => {
    if (value === null) return null
    const reader = readers.find(({ matches }) => matches(value))
    if (reader === undefined || !isLineEncoding(reader.name)) return null
    try {
      return { encoding: reader.name, text: decodeText(reader.read(value)) }
    } catch {
      return null
    }
  }
}

/** JSON may have line breaks only between its parts. */
function oneLine(text: string): string {
  return text.includes('\n') || text.includes('\r') ? text.replaceAll(/\s*[\r\n]+\s*/g, ' ') : text
}
