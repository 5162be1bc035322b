/** Maximum saved tokens, in seconds: the burst allowed after a pause, unless it is given. */
const BURST = 0.1

/** A token bucket refilled at a fixed rate. It may be overdrawn; the next wait is then longer. */
export class TokenBucket {
  readonly #perMillisecond: number
  readonly #max: number
  #tokens: number
  #filledAt = performance.now()

  /** @param burst saved tokens at most */
  constructor(perSecond: number, burst = perSecond * BURST) {
    this.#perMillisecond = perSecond / 1000
    this.#max = Math.max(1, burst)
    this.#tokens = this.#max
  }

  /** Milliseconds until a whole token is available; 0: one is. */
  get wait(): number {
    this.#fill()
    return this.#tokens >= 1 ? 0 : (1 - this.#tokens) / this.#perMillisecond
  }

  has(count: number): boolean {
    this.#fill()
    return this.#tokens >= count
  }

  take(count: number): void {
    this.#tokens -= count
  }

  #fill(): void {
    const now = performance.now()
    const tokens = this.#tokens + (now - this.#filledAt) * this.#perMillisecond
    this.#tokens = Math.min(this.#max, tokens)
    this.#filledAt = now
  }
}
