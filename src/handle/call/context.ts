import type { Message } from '../../decode/types.ts'
import { OccError } from '../../kernel/errors.ts'
import type { Log } from '../../kernel/log.ts'
import type { Parked } from '../../kernel/shapes/due-record.ts'
import { type HeldWork, type HeldWrite, KEPT } from '../../kernel/shapes/held-write.ts'
import { dead, later, type Outcome, retry, skip } from '../../kernel/shapes/outcome.ts'
import { MAX_PARKED } from '../../kernel/shapes/parked.ts'
import type { KafkaRecord, TopicPartition } from '../../kernel/shapes/record.ts'
import type { CallTrace, TraceContext } from '../../kernel/tracing.ts'
import type { Emit, HandlerContext } from '../api/types.ts'
import type { EmittedRows, LoadedHandler } from '../load/loaded-handler.ts'
import {
  noParking,
  noTransaction,
  notFromWorkers,
  strayError,
  tooLate,
  tooSlow,
  wrongTime,
} from './context-errors.ts'
import { CallSource, Emitted } from './emitted.ts'
import { origins, outside } from './origins.ts'

/** Milliseconds a call may still take to end after one of its errors was not caught. */
const STRAY_GRACE = 1_000

/**
 * What one call of a handler gets. Its functions are created on access, so that they can be
 * destructured (`{ emit }`) and cost nothing if unused. The same applies to the signal.
 */
export class CallContext implements HandlerContext {
  readonly attempt: number
  readonly replay: boolean
  readonly parked: Parked | null
  /** Monotonic, milliseconds. */
  readonly started = performance.now()
  /** null: it has no span, and nothing to pass on. */
  readonly trace: CallTrace | null
  readonly #handler: LoadedHandler
  // Not the record: whatever the call started, such as a connection, may hold this forever.
  readonly #topic: string
  readonly #partition: number
  readonly #offset: number
  readonly #lastOffset: number
  /** Of all its records. */
  readonly #offsets: readonly number[]
  /** The same, once it is asked for. */
  #own: ReadonlySet<number> | null = null
  readonly #assignment: AbortSignal
  #controller: AbortController | null = null
  #listener: (() => void) | null = null
  #expired: OccError | null = null
  #expiredInSink = false
  #ended = false
  #emits = 0
  #emitted: Emitted | null = null
  #writes: HeldWrite[] | null = null
  #verdict: Outcome | null = null
  #whenEnded: PromiseWithResolvers<void> | null = null
  #giveUp: ((error: OccError) => void) | null = null
  #stray: OccError | null = null
  #isGivenUp = false

  /**
   * @param record the first
   * @param offsets of all its records, ascending
   * @param assignment aborts when the lane is closed.
   */
  constructor(
    handler: LoadedHandler,
    record: KafkaRecord,
    offsets: readonly number[],
    assignment: AbortSignal,
    attempt: number,
    trace: CallTrace | null = null,
  ) {
    this.attempt = attempt
    this.trace = trace
    this.replay = record.isReplay === true
    this.parked = record.parked === undefined ? null : parkedOf(record.parked)
    this.#handler = handler
    this.#topic = record.topic
    this.#partition = record.partition
    this.#offset = record.offset
    this.#lastOffset = offsets.at(-1) ?? record.offset
    this.#offsets = offsets
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
        // Added only if the signal is used, which is rare.
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

  /** Errors of its listeners are attributed to the handler. */
  #abortBy(reason: OccError): void {
    if (this.#controller !== null) origins.run(this, () => this.#controller?.abort(reason))
  }

  get emit(): Emit {
    return (sink, value, { key = null, id, message } = {}) => {
      this.#emits += 1
      const { name, emit, transacts } = this.#handler
      const source = new CallSource(this, this.#emits, id)
      const trace = this.#traceFor(message)
      if (transacts === true) source.hold = (rows) => this.#hold(rows, message)
      if (this.replay) source.replay = true
      if (trace !== null) source.trace = trace
      const work = this.#isOver
        ? Promise.reject(tooLate(name, sink))
        : this.trace === null
          ? outside(emit, source, sink, value, key)
          : this.trace.leave(() => outside(emit, source, sink, value, key))
      if (work === KEPT) return work
      this.#emitted ??= new Emitted()
      return this.#emitted.follow(work)
    }
  }

  /** The trace of the call; if it has none, that of the message that the value is emitted for. */
  #traceFor(message: Message | undefined): TraceContext | null {
    const { tracing = null } = this.#handler
    if (this.trace !== null) return this.trace.context
    return tracing === null || message === undefined ? null : tracing.contextOf(message.record)
  }

  get transaction(): HandlerContext['transaction'] {
    return (run, { message } = {}) => {
      const { name, transacts, usesWorkers } = this.#handler
      if (transacts !== true || usesWorkers === true) {
        const error = transacts === true ? notFromWorkers(name) : noTransaction(name)
        this.#handler.noTransaction?.(error)
        throw error
      }
      if (this.#isOver) throw tooLate(name, 'the transaction')
      this.#hold({ run }, message)
    }
  }

  #hold(write: EmittedRows | Pick<HeldWork, 'run'>, message: Message | undefined): void {
    // A message of another call cannot say what it belongs to: it is written with all of this one.
    const offset = message?.record.offset
    const offsets = offset !== undefined && this.#isOwn(offset) ? [offset] : this.#offsets
    const { name: handler } = this.#handler
    this.#writes ??= []
    if ('run' in write) this.#writes.push({ kind: 'work', handler, offsets, run: write.run })
    else {
      const { sink, rows, bytes } = write
      this.#writes.push({ kind: 'rows', handler, offsets, sink, rows, bytes })
    }
  }

  #isOwn(offset: number): boolean {
    this.#own ??= new Set(this.#offsets)
    return this.#own.has(offset)
  }

  /** What is to be written when the records are finished; null: nothing. */
  get writes(): readonly HeldWrite[] | null {
    return this.#writes
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

  get later() {
    return (after: number, reason = 'The handler parked it.'): Outcome => {
      const { name, parks } = this.#handler
      if (parks !== true) throw noParking(name)
      if (!(after >= 0 && after <= MAX_PARKED)) throw wrongTime(name, after)
      return this.#decide(later(Math.ceil(after), reason, name))
    }
  }

  #decide(outcome: Outcome): Outcome {
    this.#verdict = outcome
    return outcome
  }

  /** The last outcome that was created. It counts if the handler does not return it. */
  get verdict(): Outcome | null {
    return this.#verdict
  }

  get emitted(): Emitted | null {
    return this.#emitted
  }

  /** Why the call has timed out; null: it has not. */
  get expired(): OccError | null {
    return this.#expired
  }

  /** Fences what the call still does: its message may belong to another process by now. */
  get #isOver(): boolean {
    return this.#ended || this.#expired !== null || this.#assignment.aborted
  }

  /** Whether a sink had not acknowledged everything when the call timed out. */
  get expiredInSink(): boolean {
    return this.#expiredInSink
  }

  expire(): void {
    const { name, timeout } = this.#handler
    this.#expiredInSink = this.#emitted?.isWaiting ?? false
    this.#expired = tooSlow(name, timeout)
    this.#abortBy(this.#expired)
  }

  /** The answer, unless the call is given up first. */
  outlast(answer: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#giveUp = reject
      // Resolving with a promise would take two more turns.
      if (answer instanceof Promise) answer.then(resolve, reject)
      else resolve(answer)
    })
  }

  /**
   * An error was thrown outside the call's promise, which may never settle now.
   * @param isOwn the error belongs to this call, which then has little time left. Otherwise it has
   * its timeout and its grace.
   */
  strayed(error: unknown, isOwn: boolean): void {
    this.#stray ??= strayError(this.#handler.name, error)
    if (isOwn) setTimeout(() => this.giveUp(), STRAY_GRACE).unref()
  }

  /** False: there is no reason to believe that the call will never end. */
  giveUp(): boolean {
    if (this.#stray === null) return false
    if (this.#ended) return true
    this.#isGivenUp = true
    this.#abortBy(this.#stray)
    this.#giveUp?.(this.#stray)
    return true
  }

  /** The error that replaced its answer; null: the call was not given up. */
  get givenUp(): OccError | null {
    return this.#isGivenUp ? this.#stray : null
  }

  end(): void {
    this.#ended = true
    this.#whenEnded?.resolve()
    if (this.#listener !== null) this.#assignment.removeEventListener('abort', this.#listener)
  }

  /** True if the call may be handling the record. */
  holds({ topic, partition, offset }: TopicPartition & Pick<KafkaRecord, 'offset'>): boolean {
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

  /** Number of its records. */
  get records(): number {
    return this.#offsets.length
  }

  get lastOffset(): number {
    return this.#lastOffset
  }

  get handler(): LoadedHandler {
    return this.#handler
  }

  /** The first record of the call. */
  get record(): TopicPartition & Pick<KafkaRecord, 'offset'> {
    return { topic: this.#topic, partition: this.#partition, offset: this.#offset }
  }
}

/** What of it concerns the handler. */
function parkedOf({ times, since }: Parked): Parked {
  return { times, since }
}
