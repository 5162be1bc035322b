import { OccError } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'
import { dead, type Outcome, retry, skip } from '../kernel/outcome.ts'
import type { KafkaRecord } from '../kernel/record.ts'
import { Emitted } from './emitted.ts'
import type { LoadedHandler } from './loaded-handler.ts'
import type { Emit, HandlerContext } from './types.ts'

/**
 * What one call of a handler is given. Its functions are made when they are asked for, so that
 * they can be taken out of it (`{ emit }`) and cost nothing where they are not used; the same goes
 * for the signal.
 */
export class CallContext implements HandlerContext {
  readonly attempt: number
  /** Monotonic, milliseconds. */
  readonly started = performance.now()
  readonly #handler: LoadedHandler
  readonly #record: KafkaRecord
  readonly #lastOffset: number
  readonly #assignment: AbortSignal
  #controller: AbortController | null = null
  #listener: (() => void) | null = null
  #expired: OccError | null = null
  #ended = false
  #emits = 0
  #emitted: Emitted | null = null
  #verdict: Outcome | null = null
  #whenEnded: PromiseWithResolvers<void> | null = null

  /** @param assignment aborts when the lane is closed. */
  constructor(
    handler: LoadedHandler,
    [record, last]: readonly [first: KafkaRecord, last: KafkaRecord],
    assignment: AbortSignal,
    attempt: number,
  ) {
    this.attempt = attempt
    this.#handler = handler
    this.#record = record
    this.#lastOffset = last.offset
    this.#assignment = assignment
  }

  get log(): Log {
    return this.#handler.log
  }

  get options(): Readonly<Record<string, unknown>> {
    return this.#handler.options
  }

  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController()
      if (this.#expired !== null) this.#controller.abort(this.#expired)
      else if (this.#assignment.aborted) this.#abort()
      else if (!this.#ended) {
        // Made only where somebody asked for the signal: most never do.
        this.#listener = () => this.#abort()
        this.#assignment.addEventListener('abort', this.#listener)
      }
    }
    return this.#controller.signal
  }

  #abort(): void {
    this.#controller?.abort(
      new OccError('OCC_HANDLER_ABORTED', 'The partition has moved, or the process ends.', {
        retriable: true,
      }),
    )
  }

  get emit(): Emit {
    return (sink, value, { key = null, id } = {}) => {
      this.#emits += 1
      const { topic, partition, offset } = this.#record
      const { name, emit } = this.#handler
      const idempotency = id ?? `${topic}/${partition}/${offset}/${name}/${this.#emits}`
      this.#emitted ??= new Emitted()
      return this.#emitted.follow(
        this.#isOver
          ? Promise.reject(tooLate(name, sink))
          : emit({ handler: name, id: idempotency }, sink, value, key),
      )
    }
  }

  get dead() {
    return (reason: string): Outcome =>
      this.#decide(dead(new OccError('OCC_HANDLER_DEAD', reason), this.#handler.name))
  }

  get skip() {
    return (reason: string): Outcome => this.#decide(skip(reason))
  }

  get retry() {
    return (after?: number, reason = 'The handler asked for another attempt.'): Outcome => {
      const error = new OccError('OCC_HANDLER_RETRY', reason, { retriable: true })
      return this.#decide(retry(error, this.#handler.name, after ?? null))
    }
  }

  #decide(outcome: Outcome): Outcome {
    this.#verdict = outcome
    return outcome
  }

  /** The last outcome that was made: counts where the handler forgot to return it. */
  get verdict(): Outcome | null {
    return this.#verdict
  }

  get emitted(): Emitted | null {
    return this.#emitted
  }

  /** Why the time is over; null: it is not. */
  get expired(): OccError | null {
    return this.#expired
  }

  /** What the call still does is fenced: its message may be another process's by now. */
  get #isOver(): boolean {
    return this.#ended || this.#expired !== null || this.#assignment.aborted
  }

  expire(): void {
    const { name, timeout } = this.#handler
    this.#expired = new OccError(
      'OCC_HANDLER_TIMEOUT',
      `The handler ${name} took longer than ${timeout} ms (handlers[].timeout).`,
      { retriable: true },
    )
    this.#controller?.abort(this.#expired)
  }

  end(): void {
    this.#ended = true
    this.#whenEnded?.resolve()
    if (this.#listener !== null) this.#assignment.removeEventListener('abort', this.#listener)
  }

  /** Whether the record may be among those in its hand. */
  holds({ topic, partition, offset }: KafkaRecord): boolean {
    const { topic: ownTopic, partition: ownPartition, offset: first } = this.#record
    const isNear = offset >= first && offset <= this.#lastOffset
    return isNear && partition === ownPartition && topic === ownTopic
  }

  get isEnded(): boolean {
    return this.#ended
  }

  whenEnded(): Promise<void> {
    if (this.#ended) return Promise.resolve()
    this.#whenEnded ??= Promise.withResolvers()
    return this.#whenEnded.promise
  }

  get handler(): LoadedHandler {
    return this.#handler
  }

  get record(): KafkaRecord {
    return this.#record
  }
}

function tooLate(name: string, sink: string): OccError {
  return new OccError(
    'OCC_EMIT_TOO_LATE',
    `The handler ${name} emits to ${sink} after its call was over: await what it starts, and heed context.signal.`,
    { retriable: true },
  )
}
