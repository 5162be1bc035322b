import type { Claim } from '../../broker/types.ts'
import { stackOf } from '../../kernel/error-stack.ts'
import { codeOf, messageOf, OccError } from '../../kernel/errors.ts'
import { sleep } from '../../kernel/lifecycle.ts'
import { redrivesOf } from '../../kernel/shapes/dead-letter.ts'
import type { HeldWrite } from '../../kernel/shapes/held-write.ts'
import type { ToPark } from '../../kernel/shapes/parked.ts'
import type { KafkaRecord } from '../../kernel/shapes/record.ts'
import type { Repeats } from '../../kernel/time/repeats.ts'
import type { TopicMeter } from '../../observe/types.ts'
import { countLetter } from '../count-letter.ts'
import type { SharedParts } from '../shared-parts.ts'
import type { FlowParts } from '../types.ts'
import type { PendingRecord } from './pending-record.ts'

const BACKOFF = 250
const BACKOFF_LIMIT = 10_000
const MAX = 64

/** Writes the dead letters of one partition, and parks its records. */
export class DeadLetterWriter {
  readonly #parts: FlowParts
  readonly #meter: TopicMeter
  readonly #max: number
  readonly #claim: Claim | undefined
  readonly #signal: AbortSignal
  readonly #kept: (entry: PendingRecord) => void
  /** Limits log lines about dead letters of all partitions together. */
  readonly #repeats: Repeats
  #count = 0
  /** Those whose first attempt failed: letters, and records that are to be parked. */
  #stuck = { 'record.not-kept': 0, 'record.not-parked': 0 }

  /** @param signal aborts when no result counts any more. */
  constructor(
    { parts, options, deadLetterRepeats }: SharedParts,
    meter: TopicMeter,
    claim: Claim | undefined,
    signal: AbortSignal,
    kept: (entry: PendingRecord) => void,
  ) {
    this.#parts = parts
    this.#repeats = deadLetterRepeats
    this.#meter = meter
    this.#max = options.commitMode === 'interval' ? MAX : 1
    this.#claim = claim
    this.#signal = signal
    this.#kept = kept
  }

  get count(): number {
    return this.#count
  }

  /** What is not accepted where it is to be kept; null: all is. */
  get stuck(): 'dead-letters' | 'parked' | null {
    if (this.#stuck['record.not-kept'] > 0) return 'dead-letters'
    return this.#stuck['record.not-parked'] > 0 ? 'parked' : null
  }

  /**
   * Records behind a dead one continue while it is written, because that takes a disk sync. They
   * wait if writing fails, to limit what is delivered again after a crash, and if each record or
   * batch is committed before the next.
   */
  get isFull(): boolean {
    return this.#count >= (this.stuck === null ? this.#max : 1)
  }

  /**
   * The record's offset is finished only once its dead letter is written, however long that takes.
   * @param writes of handlers that are done with the record.
   */
  async keep(
    entry: PendingRecord,
    error: OccError,
    handler: string | null,
    writes: readonly HeldWrite[],
  ): Promise<void> {
    const { log, letterMeter, deadLetters, clock } = this.#parts
    const { record, attempts } = entry
    const where = { topic: record.topic, partition: record.partition, offset: record.offset }
    this.#count += 1
    this.#log(`failed ${record.topic} ${error.code} ${handler}`, (again) =>
      log.error(
        {
          event: 'record.failed',
          ...where,
          code: error.code,
          handler,
          attempts,
          stack: stackOf(error) ?? undefined,
        },
        `${error.message}${again}`,
      ),
    )
    const letter = { record, error, handler, attempts, redrives: redrivesOf(record) }
    // Counts between attempts too, because that is when it waits.
    letterMeter.waiting += 1
    const of = { claim: this.#claim, writes }
    const isKept = await this.#untilKept(record, 'record.not-kept', () =>
      deadLetters.keep({ ...letter, failedAt: clock.now() }, of),
    )
    letterMeter.waiting -= 1
    if (!isKept) return
    this.#count -= 1
    countLetter(this.#parts.meters, letter)
    this.#kept(entry)
  }

  /** The record's offset is finished only once it is parked, however long that takes. */
  async park(entry: PendingRecord, toPark: ToPark, writes: readonly HeldWrite[]): Promise<void> {
    const { log, parking } = this.#parts
    const { topic, partition, offset } = entry.record
    const { code, handler, after, reason } = toPark
    this.#count += 1
    this.#log(`parked ${topic} ${code} ${handler}`, (again) =>
      log.info(
        { event: 'record.parked', topic, partition, offset, code, handler, after },
        `Due in ${Math.ceil(after / 1000)} s: ${reason}${again}`,
      ),
    )
    const of = { claim: this.#claim, writes }
    const isKept = await this.#untilKept(entry.record, 'record.not-parked', async () => {
      if (!parking) throw noParking()
      await parking.park(toPark, of)
    })
    if (!isKept) return
    this.#count -= 1
    this.#meter.parked += 1
    this.#kept(entry)
  }

  /** The dead letters describe every record; thousands of equal log lines would not help. */
  #log(kind: string, say: (again: string) => void): void {
    this.#repeats.say(kind, this.#parts.clock.monotonic(), say)
  }

  /** Never rejects. False: no result counts any more. */
  async #untilKept(
    { topic, partition, offset }: KafkaRecord,
    event: 'record.not-kept' | 'record.not-parked',
    write: () => Promise<void>,
  ): Promise<boolean> {
    const { log, meters } = this.#parts
    for (let attempt = 0; !this.#signal.aborted; attempt++) {
      try {
        await write()
        if (this.#signal.aborted) return false
        if (attempt > 0) this.#stuck[event] -= 1
        return true
      } catch (problem) {
        if (attempt === 0) this.#stuck[event] += 1
        const code = codeOf(problem)
        meters.countError('sink', code)
        this.#log(`${event} ${code}`, (again) =>
          log.error(
            { event, topic, partition, offset, code },
            `${messageOf(problem)} The partition waits: nothing is dropped.${again}`,
          ),
        )
        await sleep(Math.min(BACKOFF * 2 ** attempt, BACKOFF_LIMIT), this.#signal)
      }
    }
    return false
  }
}

/** Only an outcome that was made by hand gets here: `context.later` refuses. */
function noParking(): OccError {
  const text = 'There is no place for parked records. Remedy: set parked.store: postgres.'
  return new OccError('OCC_HANDLER_LATER', text, { retriable: true })
}
