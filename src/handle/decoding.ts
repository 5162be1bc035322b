import type { DecodeResult, Decoder } from '../decode/types.ts'
import type { KafkaRecord } from '../kernel/shapes/record.ts'
import type { TopicMeter } from '../observe/types.ts'

/** Decodes the records of one partition, and counts what was decoded. */
export class Decoding {
  readonly #decoder: Decoder
  readonly #topic: string
  readonly #meter: TopicMeter
  #last: { readonly record: KafkaRecord; readonly result: DecodeResult } | null = null

  constructor(decoder: Decoder, topic: string, meter: TopicMeter) {
    this.#decoder = decoder
    this.#topic = topic
    this.#meter = meter
  }

  get format(): string {
    return this.#decoder.formatOf(this.#topic)
  }

  /** Whether `awaits` may be anything but null. May change. */
  get mayAwait(): boolean {
    return this.#decoder.mayAwait?.(this.#topic) ?? false
  }

  awaits(record: KafkaRecord): Promise<void> | null {
    return this.#decoder.awaits?.(record) ?? null
  }

  /** As `PartitionProcessor.recall`. */
  recall(record: KafkaRecord): void {
    this.#decoder.recall?.(record)?.()
  }

  /** For its key, which the flow asks for right before the attempt: that decodes it no more. */
  ahead(record: KafkaRecord): DecodeResult {
    const result = this.#timed(record)
    this.#last = { record, result }
    return result
  }

  /** For an attempt. */
  decode(record: KafkaRecord): DecodeResult {
    const last = this.#last
    this.#last = null
    const result = last?.record === record ? last.result : this.#timed(record)
    if (result.ok) {
      const { bytes, encoding } = result.message
      const { encodings } = this.#meter
      this.#meter.decodedBytes += bytes
      encodings[encoding] = (encodings[encoding] ?? 0) + 1
    }
    return result
  }

  #timed(record: KafkaRecord): DecodeResult {
    const started = performance.now()
    const result = this.#decoder.decode(record)
    this.#meter.decodeSeconds.observe((performance.now() - started) / 1000)
    return result
  }
}
