/** Milliseconds. */
const INTERVAL = 60_000

/**
 * Lines of the log that would come again and again: the first ones of a kind are said, and then one
 * an interval that counts the others.
 */
export class Repeats {
  readonly #most: number
  readonly #kinds = new Map<string, { since: number; said: number; left: number }>()

  /** @param most lines of a kind in an interval. */
  constructor(most: number) {
    this.#most = most
  }

  /**
   * How many of the kind were left out since the last line; null: this one is left out too.
   * @param now monotonic milliseconds.
   */
  next(kind: string, now: number): number | null {
    let seen = this.#kinds.get(kind)
    if (seen === undefined || now - seen.since >= INTERVAL) {
      seen = { since: now, said: 0, left: seen?.left ?? 0 }
      this.#kinds.set(kind, seen)
    }
    if (seen.said >= this.#most) {
      seen.left += 1
      return null
    }
    seen.said += 1
    const { left } = seen
    seen.left = 0
    return left
  }
}
