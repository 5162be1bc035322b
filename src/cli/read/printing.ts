import { type LogItem, rangeText } from '../../app/read-log.ts'
import type { EventFilter } from '../../handle/select/event-filter.ts'
import { type KafkaRecord, partitionName, recordName } from '../../kernel/shapes/record.ts'
import { awaitSchemas } from '../records/await-schemas.ts'
import type { Decoding } from '../records/decoding.ts'
import type { Io } from '../terminal/io.ts'
import type { Output } from '../terminal/output.ts'
import { formatCount } from '../terminal/terminal.ts'
import type { Print } from './forms.ts'
import type { ReadSettings } from './settings.ts'

/** What cannot be printed and is named, at most. */
const MAX_NAMED = 10

export interface PrintingParts {
  readonly settings: ReadSettings
  readonly filter: EventFilter | null
  readonly decode: Decoding
  readonly print: Print
  readonly output: Output
  readonly io: Io
}

/** Prints what passes, and counts it. */
export class Printing {
  readonly #parts: PrintingParts
  printed = 0
  /** Records that could not be printed, and batches that could not be read. */
  failed = 0
  /** Partitions that were not read to their end. */
  ended = 0

  constructor(parts: PrintingParts) {
    this.#parts = parts
  }

  /** `--count` records were printed. */
  get isOver(): boolean {
    return this.printed >= this.#parts.settings.count
  }

  /** Bytes are printed as they are. */
  get #decodes(): boolean {
    const { settings, filter } = this.#parts
    return settings.form !== 'raw' || filter !== null || settings.grep !== undefined
  }

  async take(item: LogItem, signal: AbortSignal): Promise<void> {
    const { io, output, decode } = this.#parts
    if (item.kind === 'waiting') return output.flush()
    if (item.kind === 'lost') {
      const { range } = item
      io.stderr.write(
        `${partitionName(range)}: retention deleted ${rangeText(range)} before they were read.\n`,
      )
    } else if (item.kind === 'ended') {
      this.ended += 1
      io.stderr.write(`${item.why.message}\n`)
    } else if (item.kind === 'damaged') {
      const { range, damage } = item
      const why = `${rangeText(range)} cannot be read: ${damage.error.message}`
      this.#unprintable(partitionName(range), why)
    } else {
      for (const record of item.records) {
        if (this.isOver || signal.aborted) return
        // Only records with a schema of a registry wait, and only for the first of each schema.
        if (this.#decodes && decode.awaits(record) !== null) await awaitSchemas([record], decode)
        const text = this.#textOf(record)
        if (text === null) continue
        this.printed += 1
        if (output.add(text)) await output.flush()
      }
    }
  }

  /** Says what was not named. */
  end(): void {
    const more = this.failed - MAX_NAMED
    if (more > 0) this.#parts.io.stderr.write(`... and ${formatCount(more)} more.\n`)
  }

  /** null: it does not pass, or cannot be printed. */
  #textOf(record: KafkaRecord): string | Uint8Array | null {
    const { settings, filter, decode, print } = this.#parts
    const { grep, form } = settings
    const decoded = decode(record)
    if (!this.#decodes) return print(record, decoded)
    if (decoded.problem !== null && (filter !== null || form === 'value')) {
      this.#unprintable(recordName(record), decoded.problem)
      return null
    }
    if (filter !== null && !decoded.message?.events.some(filter)) return null
    if (grep !== undefined && !decoded.text?.includes(grep)) return null
    const text = print(record, decoded)
    if (text !== null) return text
    // A tombstone has no value to print.
    if (record.value === null) return null
    this.#unprintable(recordName(record), 'its value is not text; --raw prints the bytes')
    return null
  }

  #unprintable(name: string, why: string): void {
    this.failed += 1
    if (this.failed <= MAX_NAMED) this.#parts.io.stderr.write(`${name}: ${why}\n`)
  }
}
