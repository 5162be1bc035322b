import { TokenBucket } from '../kernel/time/token-bucket.ts'

/** A slot for one piece of work in flight. Releasing it more than once has no further effect. */
export class Slot {
  readonly #limiter: ConcurrencyLimiter
  #isReleased = false

  constructor(limiter: ConcurrencyLimiter) {
    this.#limiter = limiter
  }

  release(): void {
    if (this.#isReleased) return
    this.#isReleased = true
    this.#limiter.released()
  }
}

/**
 * Limits how much the process handles at once, and how fast. Work that is answered synchronously
 * takes no slot, because nothing else can be in flight meanwhile.
 */
export class ConcurrencyLimiter {
  #concurrency: number
  #perSecond: number
  #inFlight = 0
  #rate: TokenBucket | null = null
  #opened: (() => void) | null = null
  #timer: NodeJS.Timeout | undefined

  /** @param perSecond records a second; 0: no limit. */
  constructor(concurrency: number, perSecond: number) {
    this.#concurrency = concurrency
    this.#perSecond = perSecond
    this.#rate = perSecond === 0 ? null : new TokenBucket(perSecond)
  }

  /** True if a record may be handed over now. */
  get open(): boolean {
    return this.#inFlight < this.#concurrency && (this.#rate === null || this.#rate.wait === 0)
  }

  /** True if this many records may be handed over at once. */
  allows(records: number): boolean {
    return this.#rate === null || this.#rate.has(records)
  }

  get inFlight(): number {
    return this.#inFlight
  }

  get concurrency(): number {
    return this.#concurrency
  }

  /** This many records were handed over. */
  passed(records: number): void {
    this.#rate?.take(records)
  }

  enter(): Slot {
    this.#inFlight += 1
    return new Slot(this)
  }

  /** Called by a slot. */
  released(): void {
    this.#inFlight -= 1
    this.#tell()
  }

  /** Calls back once, when `open` is worth checking again. */
  whenOpen(opened: () => void): void {
    this.#opened = opened
    const wait = this.#rate?.wait ?? 0
    clearTimeout(this.#timer)
    if (wait > 0) this.#timer = setTimeout(() => this.#tell(), wait)
    // A token arrived since the check, and with nothing in flight nobody else would call back.
    else if (this.#inFlight < this.#concurrency) this.#tell()
  }

  configure(concurrency: number, perSecond: number): void {
    this.#concurrency = concurrency
    // The same rate keeps its tokens: each change of another key would allow a burst.
    if (perSecond !== this.#perSecond) {
      this.#perSecond = perSecond
      this.#rate = perSecond === 0 ? null : new TokenBucket(perSecond)
    }
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
