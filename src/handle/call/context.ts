import { messageOf, OccError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import { dead, type Outcome, retry, skip } from '../../kernel/outcome.ts'
import type { KafkaRecord, TopicPartition } from '../../kernel/record.ts'
import type { Emit, HandlerContext } from '../api/types.ts'
import type { LoadedHandler } from '../load/loaded-handler.ts'
import { Emitted } from './emitted.ts'
import { origins } from './origins.ts'

/** Milliseconds in which a call may still end by itself after an error of it that nobody caught. */
const STRAY_GRACE = 1_000

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
  // Not the record itself: what a call began may keep this for ever, a connection say.
  readonly #topic: string
  readonly #partition: number
  readonly #offset: number
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
  #giveUp: ((error: OccError) => void) | null = null
  #stray: OccError | null = null
  #isGivenUp = false

  /** @param assignment aborts when the lane is closed. */
  constructor(
    handler: LoadedHandler,
    [record, last]: readonly [first: KafkaRecord, last: KafkaRecord],
    assignment: AbortSignal,
    attempt: number,
  ) {
    this.attempt = attempt
    this.#handler = handler
    this.#topic = record.topic
    this.#partition = record.partition
    this.#offset = record.offset
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
    const text = 'The partition has moved, or the process ends.'
    this.#abortBy(new OccError('OCC_HANDLER_ABORTED', text, { retriable: true }))
  }

  /** What its listeners throw is the handler's own. */
  #abortBy(reason: OccError): void {
    if (this.#controller !== null) origins.run(this, () => this.#controller?.abort(reason))
  }

  get emit(): Emit {
    return (sink, value, { key = null, id } = {}) => {
      this.#emits += 1
      const { name, emit } = this.#handler
      const own = `${this.#topic}/${this.#partition}/${this.#offset}/${name}/${this.#emits}`
      const idempotency = id ?? own
      this.#emitted ??= new Emitted()
      return this.#emitted.follow(
        this.#isOver
          ? Promise.reject(tooLate(name, sink))
          : origins.run(undefined, emit, { handler: name, id: idempotency }, sink, value, key),
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
    this.#abortBy(this.#expired)
  }

  /** The answer, unless the call is given up before. */
  outlast(answer: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#giveUp = reject
      // To resolve with a promise takes two turns more.
      if (answer instanceof Promise) answer.then(resolve, reject)
      else resolve(answer)
    })
  }

  /**
   * An error has got past its promise, which may never end now. @param isOwn it is of this call:
   * then it has not much longer; else only its timeout and its grace.
   */
  strayed(error: unknown, isOwn: boolean): void {
    this.#stray ??= strayError(this.#handler.name, error)
    if (isOwn) setTimeout(() => this.giveUp(), STRAY_GRACE).unref()
  }

  /** False: there is no reason to believe that it will not end. */
  giveUp(): boolean {
    if (this.#stray === null) return false
    if (this.#ended) return true
    this.#isGivenUp = true
    this.#abortBy(this.#stray)
    this.#giveUp?.(this.#stray)
    return true
  }

  /** What it came to instead of its answer; null: it was waited for. */
  get givenUp(): OccError | null {
    return this.#isGivenUp ? this.#stray : null
  }

  end(): void {
    this.#ended = true
    this.#whenEnded?.resolve()
    if (this.#listener !== null) this.#assignment.removeEventListener('abort', this.#listener)
  }

  /** Whether the record may be among those in its hand. */
  holds({ topic, partition, offset }: KafkaRecord): boolean {
    const isNear = offset >= this.#offset && offset <= this.#lastOffset
    return isNear && partition === this.#partition && topic === this.#topic
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

  /** The first one in its hand. */
  get record(): TopicPartition & Pick<KafkaRecord, 'offset'> {
    return { topic: this.#topic, partition: this.#partition, offset: this.#offset }
  }
}

function strayError(handler: string, error: unknown): OccError {
  return new OccError(
    'OCC_HANDLER_STRAY',
    `The handler ${handler} did not answer after an error outside of its promise: ${messageOf(error)}. ` +
      'Remedy: await or return every promise; let callbacks reject; listen to `error` events.',
    { cause: error, retriable: true },
  )
}

function tooLate(name: string, sink: string): OccError {
  return new OccError(
    'OCC_EMIT_TOO_LATE',
    `The handler ${name} emits to ${sink} after its call was over: await what it starts, and heed context.signal.`,
    { retriable: true },
  )
}
