import type { TopicPartition } from '../../kernel/shapes/record.ts'
import type { TraceContext } from '../../kernel/tracing.ts'
import type { EmitSource, LoadedHandler } from '../load/loaded-handler.ts'

interface EmittingCall {
  readonly handler: Pick<LoadedHandler, 'name'>
  /** Its first record. */
  readonly record: TopicPartition & { readonly offset: number }
}

/** Where an emitted value is from. Its id is made when it is asked for: rows that are kept need none. */
export class CallSource implements EmitSource {
  readonly #call: EmittingCall
  readonly #number: number
  readonly #id: string | undefined
  hold?: NonNullable<EmitSource['hold']>
  replay?: true
  trace?: TraceContext

  /** @param number of the emit, in its call */
  constructor(call: EmittingCall, number: number, id: string | undefined) {
    this.#call = call
    this.#number = number
    this.#id = id
  }

  get handler(): string {
    return this.#call.handler.name
  }

  get id(): string {
    if (this.#id !== undefined) return this.#id
    const { topic, partition, offset } = this.#call.record
    return `${topic}/${partition}/${offset}/${this.handler}/${this.#number}`
  }
}

/** The promise that `emit` returns. It tracks whether the handler observes it. */
export class EmittedPromise extends Promise<void> {
  observed = false

  static override get [Symbol.species](): PromiseConstructor {
    return Promise
  }

  // biome-ignore lint/suspicious/noThenProperty: to notice that the author awaits it.
  override then<Value = void, Failure = never>(
    // biome-ignore lint/suspicious/noConfusingVoidType: the value of a Promise<void>.
    fulfilled?: ((value: void) => Value | PromiseLike<Value>) | null,
    rejected?: ((reason: unknown) => Failure | PromiseLike<Failure>) | null,
  ): Promise<Value | Failure> {
    this.observed = true
    return super.then(fulfilled, rejected)
  }
}

/**
 * The emits of one call. A call is not done before the sink has acknowledged all of them, awaited
 * or not: otherwise its record would be committed while its output could still be lost.
 */
export class Emitted {
  readonly #unfinished = new Set<Promise<void>>()
  #failure: { readonly error: unknown } | null = null

  /** Tracks the work and returns a promise for it. An unobserved failure fails the call. */
  follow(work: Promise<void>): Promise<void> {
    const promise = new EmittedPromise((resolve, reject) => {
      work.then(resolve, reject)
    })
    const followed = work.then(
      () => {
        this.#unfinished.delete(followed)
      },
      (error) => {
        if (!promise.observed) this.#failure ??= { error }
        this.#unfinished.delete(followed)
      },
    )
    this.#unfinished.add(followed)
    // Handled without marking it observed: a failure that nobody awaits must not end the process.
    Promise.prototype.then.call(promise, undefined, () => {})
    return promise
  }

  get isWaiting(): boolean {
    return this.#unfinished.size > 0
  }

  /** Resolves when all have been acknowledged. Rejects with a failure that was not observed. */
  async settled(): Promise<void> {
    while (this.#unfinished.size > 0) await Promise.all(this.#unfinished)
    if (this.#failure !== null) throw this.#failure.error
  }
}
