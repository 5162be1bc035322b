import { TokenBucket } from './token-bucket.ts'

/** A place among the pieces of work in hand. Left once, however often it is said. */
export class Place {
  readonly #limiter: ConcurrencyLimiter
  #isLeft = false

  constructor(limiter: ConcurrencyLimiter) {
    this.#limiter = limiter
  }

  leave(): void {
    if (this.#isLeft) return
    this.#isLeft = true
    this.#limiter.left()
  }
}

/**
 * How much the process does at once, and how fast. What answers at once takes no place: nothing
 * else could be in hand meanwhile.
 */
export class ConcurrencyLimiter {
  #concurrency: number
  #inFlight = 0
  #rate: TokenBucket | null = null
  #opened: (() => void) | null = null
  #timer: NodeJS.Timeout | undefined

  /** @param perSecond records; 0: no limit. */
  constructor(concurrency: number, perSecond: number) {
    this.#concurrency = concurrency
    this.#rate = perSecond === 0 ? null : new TokenBucket(perSecond)
  }

  /** Whether a record may be handed over now. */
  get open(): boolean {
    return this.#inFlight < this.#concurrency && (this.#rate === null || this.#rate.wait === 0)
  }

  /** Whether so many records may be handed over at once. */
  allows(records: number): boolean {
    return this.#rate === null || this.#rate.has(records)
  }

  get inFlight(): number {
    return this.#inFlight
  }

  get concurrency(): number {
    return this.#concurrency
  }

  /** So many records were handed over. */
  passed(records: number): void {
    this.#rate?.take(records)
  }

  enter(): Place {
    this.#inFlight += 1
    return new Place(this)
  }

  /** Called by a place. */
  left(): void {
    this.#inFlight -= 1
    this.#tell()
  }

  /** Calls back once, when it is worth asking again whether it is open. */
  whenOpen(opened: () => void): void {
    this.#opened = opened
    const wait = this.#rate?.wait ?? 0
    clearTimeout(this.#timer)
    if (wait > 0) this.#timer = setTimeout(() => this.#tell(), wait)
    // A token has come since it was asked, and with nothing in hand nobody else would tell.
    else if (this.#inFlight < this.#concurrency) this.#tell()
  }

  configure(concurrency: number | undefined, perSecond: number | undefined): void {
    this.#concurrency = concurrency ?? this.#concurrency
    if (perSecond !== undefined) this.#rate = perSecond === 0 ? null : new TokenBucket(perSecond)
    this.#tell()
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#opened = null
  }

  #tell(): void {
    const opened = this.#opened
    this.#opened = null
    opened?.()
  }
}
