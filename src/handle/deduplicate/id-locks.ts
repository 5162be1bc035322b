/**
 * Ids of what is being handled. If several records of a partition are in flight, one with the same
 * event waits for the first one's attempt, because only then is it known whether that event still
 * needs handling. A lock lasts for one attempt, not for the pause until the next, so nobody waits
 * for a record that itself waits for a slot.
 */
export class IdLocks {
  readonly #attempts = new Map<string, Promise<unknown>>()

  /** Resolves when the attempt to wait for is over, whatever its result; null: there is none. */
  of(ids: readonly string[]): Promise<unknown> | null {
    if (this.#attempts.size === 0) return null
    for (const id of ids) {
      const attempt = this.#attempts.get(id)
      if (attempt !== undefined) return attempt
    }
    return null
  }

  /** @param attempt a rejection is handled by the caller. */
  hold(ids: readonly string[], attempt: Promise<unknown>): void {
    const free = () => {
      for (const id of ids) this.#attempts.delete(id)
    }
    const over = attempt.then(free, free)
    for (const id of ids) this.#attempts.set(id, over)
  }
}
