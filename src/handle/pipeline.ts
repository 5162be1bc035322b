import type { Decoder, Message } from '../decode/types.ts'
import { messageOf, OccError } from '../kernel/errors.ts'
import { dead, OK, type Outcome } from '../kernel/outcome.ts'
import type { KafkaRecord, TopicPartition } from '../kernel/record.ts'
import type { TopicMeter } from '../observe/types.ts'
import type { DuplicateWindow } from './duplicates.ts'

export interface HandlerContext {
  /** Aborts when the result no longer counts: the partition moved, or the process ends. */
  readonly signal: AbortSignal
}

/**
 * What is done with a message. Answers at once, or later; throwing counts as a failed record.
 * Delivery is at least once: the same record may come again after a crash or a rebalance.
 */
export type Handler = (message: Message, context: HandlerContext) => Outcome | Promise<Outcome>

export interface PipelineParts {
  readonly decoder: Decoder
  readonly handler: Handler
  /** null: duplicates are not looked for. */
  openDuplicateWindow(): DuplicateWindow | null
  topicMeter(topic: string): TopicMeter
}

/** Decodes a record, looks for duplicate events, and hands the message to the handler. */
export class Pipeline {
  readonly #decoder: Decoder
  readonly #handler: Handler
  readonly #duplicates: DuplicateWindow | null
  readonly #meter: TopicMeter
  /** Of the newest record: a lane has one signal for all of its own. */
  #context: HandlerContext | null = null

  constructor(parts: PipelineParts, { topic }: TopicPartition) {
    this.#decoder = parts.decoder
    this.#handler = parts.handler
    this.#duplicates = parts.openDuplicateWindow()
    this.#meter = parts.topicMeter(topic)
  }

  /** Never throws and never rejects: whatever happens to the record is its outcome. */
  process(record: KafkaRecord, signal: AbortSignal): Outcome | Promise<Outcome> {
    try {
      const started = performance.now()
      const result = this.#decoder.decode(record)
      this.#meter.decodeSeconds.observe((performance.now() - started) / 1000)
      if (!result.ok) return dead(result.error)
      this.#count(result.message)
      if (this.#context?.signal !== signal) this.#context = { signal }
      const outcome = this.#handler(result.message, this.#context)
      return isLater(outcome) ? Promise.resolve(outcome).then(checked, toFailed) : checked(outcome)
    } catch (error) {
      return toFailed(error)
    }
  }

  #count(message: Message): void {
    const meter = this.#meter
    meter.decodedBytes += message.bytes
    if (message.encoding === 'lz4') meter.lz4Records += 1
    if (this.#duplicates === null) return
    const { events } = message
    meter.events += events.length
    for (const { id } of events) if (this.#duplicates.seen(id)) meter.duplicates += 1
  }
}

/** A promise of any library: taken for an outcome, it would finish the record too early. */
function isLater(outcome: Outcome | PromiseLike<Outcome>): outcome is PromiseLike<Outcome> {
  return typeof (outcome as Partial<PromiseLike<Outcome>> | undefined)?.then === 'function'
}

/** Handlers are users' code, also untyped: anything but an outcome is a failed record. */
function checked(outcome: Outcome | undefined): Outcome {
  if (outcome?.kind === 'ok' || outcome?.kind === 'skip') return outcome
  if (outcome?.kind === 'dead' || outcome?.kind === 'retry') {
    return outcome.error instanceof OccError ? outcome : toFailed(outcome.error)
  }
  return toFailed(new TypeError(`it answered ${typeof outcome} in place of an outcome.`))
}

function toFailed(error: unknown): Outcome {
  if (error instanceof OccError) return dead(error)
  return dead(
    new OccError('OCC_HANDLER', `The handler failed: ${messageOf(error)}`, { cause: error }),
  )
}

/** The handler of a service that only writes records to its sinks. */
export const acknowledge: Handler = () => OK
