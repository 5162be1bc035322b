/** Milliseconds. */
const INTERVAL = 60_000

/**
 * Limits repeated log lines. In each interval the first lines of a kind are logged; the rest are
 * counted, and the next line logged reports the count.
 */
export class Repeats {
  readonly #max: number
  readonly #kinds = new Map<string, { since: number; said: number; left: number }>()

  /** @param max lines of a kind in an interval. */
  constructor(max: number) {
    this.#max = max
  }

  /**
   * How many lines of the kind were left out since the last one; null: leave this one out too.
   * @param now monotonic milliseconds.
   */
  next(kind: string, now: number): number | null {
    let seen = this.#kinds.get(kind)
    if (seen === undefined || now - seen.since >= INTERVAL) {
      seen = { since: now, said: 0, left: seen?.left ?? 0 }
      this.#kinds.set(kind, seen)
    }
    if (seen.said >= this.#max) {
      seen.left += 1
      return null
    }
    seen.said += 1
    const { left } = seen
    seen.left = 0
    return left
  }

  /**
   * Calls `log` unless the line is to be left out. @param log gets the end of its text, which says
   * how many were left out before it.
   */
  say(kind: string, now: number, log: (again: string) => void): void {
    const left = this.next(kind, now)
    if (left !== null) log(left === 0 ? '' : ` (${left} more since the last such line.)`)
  }
}
