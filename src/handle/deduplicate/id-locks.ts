/**
 * Ids of what is being handled. Where several records of a partition are in hand at once, one with
 * the same event waits for the attempt of the first: only then is it known whether that event still
 * needs handling. Claims last for an attempt, not for the pause until the next: nobody waits for
 * one who waits for a place.
 */
export class IdLocks {
  readonly #attempts = new Map<string, Promise<unknown>>()

  /** Resolves when the attempt to be waited for is over, however it ended; null: there is none. */
  of(ids: readonly string[]): Promise<unknown> | null {
    if (this.#attempts.size === 0) return null
    for (const id of ids) {
      const attempt = this.#attempts.get(id)
      if (attempt !== undefined) return attempt
    }
    return null
  }

  /** @param attempt whoever made it says what its failing means. */
  hold(ids: readonly string[], attempt: Promise<unknown>): void {
    if (ids.length === 0) return
    const free = () => {
      for (const id of ids) this.#attempts.delete(id)
    }
    const over = attempt.then(free, free)
    for (const id of ids) this.#attempts.set(id, over)
  }
}
