/** What `emit` returns: it knows whether somebody looks at what becomes of it. */
export class EmittedPromise extends Promise<void> {
  observed = false

  static override get [Symbol.species](): PromiseConstructor {
    return Promise
  }

  // biome-ignore lint/suspicious/noThenProperty: to be told that the author awaits it.
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
 * The emits of one call. A handler that does not await its `emit` must not be done before the sink
 * is: else its record is committed, and what it emitted can be lost.
 */
export class Emitted {
  readonly #unfinished = new Set<Promise<void>>()
  #failure: { readonly error: unknown } | null = null

  /** Follows the work and returns it; a failure of which nobody takes notice fails the call. */
  follow(work: Promise<void>): Promise<void> {
    const promise = new EmittedPromise((resolve, reject) => {
      work.then(resolve, reject)
    })
    const followed = work
      .catch((error) => {
        if (!promise.observed) this.#failure ??= { error }
      })
      .finally(() => this.#unfinished.delete(followed))
    this.#unfinished.add(followed)
    // Looked at without being observed: a failure that nobody awaits must not end the process.
    Promise.prototype.then.call(promise, undefined, () => {})
    return promise
  }

  /** Resolves when all have been acknowledged; rejects with a failure that nobody looked at. */
  async settled(): Promise<void> {
    while (this.#unfinished.size > 0) await Promise.all(this.#unfinished)
    if (this.#failure !== null) throw this.#failure.error
  }
}
