/** Which calls get a span. Times in milliseconds. */
export interface SamplerOptions {
  /** One call in so many begins a trace, at random; 0: none. */
  readonly every: number
  /** Traces a second, whatever they begin with; 0: no limit. */
  readonly maxPerSecond: number
}

/**
 * Counts down to the next call, at random distances: a call that is not picked costs a subtraction.
 */
export class Sampler {
  readonly #options: SamplerOptions
  readonly #random: () => number
  readonly #now: () => number
  #left: number
  #allowed: number
  #since: number

  constructor(
    options: SamplerOptions,
    random: () => number = Math.random,
    now: () => number = () => performance.now(),
  ) {
    this.#options = options
    this.#random = random
    this.#now = now
    this.#left = this.#distance()
    this.#allowed = options.maxPerSecond
    this.#since = now()
  }

  /** Whether this call begins a trace. */
  picks(): boolean {
    this.#left -= 1
    if (this.#left > 0) return false
    this.#left = this.#distance()
    return this.allows()
  }

  /** Whether there may be another trace in this second. */
  allows(): boolean {
    const { maxPerSecond } = this.#options
    if (maxPerSecond === 0) return true
    const now = this.#now()
    const earned = ((now - this.#since) / 1000) * maxPerSecond
    this.#allowed = Math.min(maxPerSecond, this.#allowed + earned)
    this.#since = now
    if (this.#allowed < 1) return false
    this.#allowed -= 1
    return true
  }

  /** Calls until the next, each with the same chance: a fixed distance would meet a fixed pattern. */
  #distance(): number {
    const { every } = this.#options
    if (every === 0) return Number.POSITIVE_INFINITY
    if (every === 1) return 1
    return 1 + Math.floor(Math.log(1 - this.#random()) / Math.log(1 - 1 / every))
  }
}
