/** Seconds of saved-up tokens at most: what a pause may be followed by at once. */
const BURST = 0.1

/** So many tokens come in a second. It may be overdrawn, and is then waited for the longer. */
export class TokenBucket {
  readonly #perMillisecond: number
  readonly #most: number
  #tokens: number
  #filledAt = performance.now()

  constructor(perSecond: number) {
    this.#perMillisecond = perSecond / 1000
    this.#most = Math.max(1, perSecond * BURST)
    this.#tokens = this.#most
  }

  /** Milliseconds until there is a whole token; 0: there is. */
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
    this.#tokens = Math.min(this.#most, tokens)
    this.#filledAt = now
  }
}
