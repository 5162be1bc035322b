import type { OutgoingRecord, TopicWriter } from '../../broker/topics/topic-writer.ts'
import type { Compression } from '../../kernel/compression.ts'
import { codeOf, toOccError } from '../../kernel/errors.ts'
import { sleep } from '../../kernel/lifecycle.ts'
import { createPace, type Pace } from '../../kernel/time/pace.ts'

/** Of one request. */
const MAX_RECORDS = 1_000
const MAX_BYTES = 1_000_000
/** Attempts at a batch: about half a minute. */
const ATTEMPTS = 8
const FIRST_PAUSE = 250
/** Milliseconds that a record waits for others. */
const LINGER = 100
const MAX_PAUSE = 8_000

export interface SendingParts {
  readonly writer: Pick<TopicWriter, 'write'>
  readonly compression: Compression
  /** Records a second; 0: no limit. */
  readonly rate: number
  readonly signal: AbortSignal
  /** Records of the batch were acknowledged. */
  progress(): void
}

/** Sends records in batches, one after the other, and counts what was acknowledged. */
export class Sending {
  readonly #parts: SendingParts
  readonly #pace: Pace
  #timer: NodeJS.Timeout | undefined
  /** One batch is sent at a time; rejected once one could not be. */
  #sent: Promise<void> = Promise.resolve()
  #batch: OutgoingRecord[] = []
  #bytes = 0
  acknowledged = 0
  acknowledgedBytes = 0
  /** Records that were sent again, because it is not known whether they had arrived. */
  repeated = 0

  constructor(parts: SendingParts) {
    this.#parts = parts
    this.#pace = createPace(parts.rate, MAX_RECORDS)
  }

  /** Rejects if a batch is refused, or is not acknowledged after several attempts. */
  async add(record: OutgoingRecord): Promise<void> {
    // Whoever pipes now and then does not wait for a full batch.
    if (this.#batch.length === 0) {
      this.#timer = setTimeout(() => void this.flush().catch(() => {}), LINGER)
    }
    this.#batch.push(record)
    this.#bytes += sizeOf(record)
    if (this.#batch.length >= this.#pace.batch || this.#bytes >= MAX_BYTES) await this.flush()
  }

  /** Rejects as `add` does, also for an earlier batch. */
  flush(): Promise<void> {
    clearTimeout(this.#timer)
    const batch = this.#batch
    const bytes = this.#bytes
    this.#batch = []
    this.#bytes = 0
    if (batch.length > 0) this.#sent = this.#sent.then(() => this.#take(batch, bytes))
    return this.#sent
  }

  async #take(batch: readonly OutgoingRecord[], bytes: number): Promise<void> {
    const { signal } = this.#parts
    await this.#pace.due(this.acknowledged, signal)
    if (signal.aborted) return
    await this.#send(batch)
    this.acknowledged += batch.length
    this.acknowledgedBytes += bytes
    this.#parts.progress()
  }

  async #send(batch: readonly OutgoingRecord[]): Promise<void> {
    const { writer, compression, signal } = this.#parts
    for (let attempt = 1; ; attempt++) {
      try {
        await writer.write(batch, compression)
        return
      } catch (problem) {
        const error = toOccError(problem, 'OCC_BROKER', { retriable: true })
        const isFinal = !error.retriable || FINAL.has(codeOf(error))
        if (isFinal || attempt === ATTEMPTS || signal.aborted) throw error
        if (attempt === 1) this.repeated += batch.length
        await sleep(Math.min(FIRST_PAUSE * 2 ** (attempt - 1), MAX_PAUSE), signal)
      }
    }
  }
}

/** What another attempt does not change, although a service would wait for somebody to mend it. */
const FINAL: ReadonlySet<string> = new Set([
  'OCC_TOPIC_UNKNOWN',
  'OCC_RECORD_TOO_LARGE',
  'OCC_TIMESTAMP_REFUSED',
  'OCC_TOPIC_WRITE_NOT_AUTHORIZED',
])

function sizeOf({ key, value }: OutgoingRecord): number {
  return (key?.length ?? 0) + (value?.length ?? 0)
}
