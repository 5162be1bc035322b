import { OccError } from '../../kernel/errors.ts'
import type { KafkaRecord, TopicPartition } from '../../kernel/shapes/record.ts'
import type { LoadedHandler } from '../load/loaded-handler.ts'
import { strayError, tooSlow } from './context-errors.ts'
import { origins } from './origins.ts'

/** Milliseconds a call may still take to end after one of its errors was not caught. */
const STRAY_GRACE = 1_000

type Over = (isAnswer: boolean, value: unknown) => void

/**
 * One call of a handler, from its beginning to its end: which records it has, and what ends it before
 * its answer does (its timeout, the partition's move, an error that nobody caught).
 */
export class Call {
  /** Monotonic, milliseconds. */
  readonly started = performance.now()
  readonly #handler: LoadedHandler
  // Not the record: whatever the call started, such as a connection, may hold this forever.
  readonly #topic: string
  readonly #partition: number
  readonly #offset: number
  /** null: it has one record, and nobody has asked. */
  #offsets: readonly number[] | null
  readonly #assignment: AbortSignal
  #controller: AbortController | null = null
  #listener: (() => void) | null = null
  #expired: OccError | null = null
  #isEnded = false
  #whenEnded: PromiseWithResolvers<void> | null = null
  /** Until it has answered. */
  #over: Over | null = null
  #stray: OccError | null = null
  #isGivenUp = false

  /**
   * @param record the first
   * @param offsets of all its records, ascending; null: it is the only one
   * @param assignment aborts when the lane is closed.
   */
  constructor(
    handler: LoadedHandler,
    { topic, partition, offset }: KafkaRecord,
    offsets: readonly number[] | null,
    assignment: AbortSignal,
  ) {
    this.#handler = handler
    this.#topic = topic
    this.#partition = partition
    this.#offset = offset
    this.#offsets = offsets
    this.#assignment = assignment
  }

  get handler(): LoadedHandler {
    return this.#handler
  }

  /** The first record of the call. */
  get record(): TopicPartition & Pick<KafkaRecord, 'offset'> {
    return { topic: this.#topic, partition: this.#partition, offset: this.#offset }
  }

  /** Of all its records, ascending. */
  get offsets(): readonly number[] {
    this.#offsets ??= [this.#offset]
    return this.#offsets
  }

  get lastOffset(): number {
    return this.#offsets?.at(-1) ?? this.#offset
  }

  /** Number of its records. */
  get records(): number {
    return this.#offsets?.length ?? 1
  }

  /** True if the call may be handling the record. */
  holds({ topic, partition, offset }: TopicPartition & Pick<KafkaRecord, 'offset'>): boolean {
    const isNear = offset >= this.#offset && offset <= this.lastOffset
    return isNear && partition === this.#partition && topic === this.#topic
  }

  /** Created on access, because it is seldom used. */
  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController()
      if (this.#expired !== null) this.#controller.abort(this.#expired)
      else if (this.#assignment.aborted) this.#abort()
      else if (!this.#isEnded) {
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

  /** Fences what the call still does: its message may belong to another process by now. */
  get isOver(): boolean {
    return this.#isEnded || this.#expired !== null || this.#assignment.aborted
  }

  /** Its timeout is over. */
  expire(): void {
    const { name, timeout } = this.#handler
    this.#expired = tooSlow(name, timeout)
    this.#abortBy(this.#expired)
  }

  /** Why the call has timed out; null: it has not. */
  get expired(): OccError | null {
    return this.#expired
  }

  /** @param over is called once: with the answer, or with what the call failed with or was given up for. */
  outlast(answer: unknown, over: Over): void {
    this.#over = over
    const later = answer instanceof Promise ? answer : Promise.resolve(answer)
    try {
      later.then(
        (value) => this.#settle(true, value),
        (error) => this.#settle(false, error),
      )
    } catch (error) {
      // A proxy of a promise, or a class of its own: nothing else would end the call.
      this.#settle(false, error)
    }
  }

  #settle(isAnswer: boolean, value: unknown): void {
    const over = this.#over
    this.#over = null
    over?.(isAnswer, value)
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
    if (this.#isEnded) return true
    this.#isGivenUp = true
    this.#abortBy(this.#stray)
    this.#settle(false, this.#stray)
    return true
  }

  /** The error that replaced its answer; null: the call was not given up. */
  get givenUp(): OccError | null {
    return this.#isGivenUp ? this.#stray : null
  }

  end(): void {
    this.#isEnded = true
    this.#whenEnded?.resolve()
    if (this.#listener !== null) this.#assignment.removeEventListener('abort', this.#listener)
  }

  get isEnded(): boolean {
    return this.#isEnded
  }

  whenEnded(): Promise<void> {
    if (this.#isEnded) return Promise.resolve()
    this.#whenEnded ??= Promise.withResolvers()
    return this.#whenEnded.promise
  }
}
