/** A partition as Memory sees it. */
export interface MemoryUser {
  /** It holds records that are opened or in flight, so it will give memory back. */
  readonly usesMemory: boolean
  /** Its share has changed. */
  shareChanged(): void
  /** Worth asking `admits` again. */
  memoryFreed(): void
}

/** Minimum bytes for each partition, however many there are; less would make fetches tiny. */
const MIN_SHARE = 65_536
/** Times `maxBytes`. An opened batch may be many times larger than it arrived. */
const OPENING_LIMIT = 1.5

/**
 * The bytes all partitions of the process hold, fetched and in flight. Each has a fair share. Past
 * the limit only one partition at a time opens batches, so that what has been fetched can be
 * handled however large it gets.
 */
export class Memory {
  readonly maxBytes: number
  readonly #maxPerPartition: number
  readonly #users = new Set<MemoryUser>()
  readonly #waiting = new Set<MemoryUser>()
  #bytes = 0
  #share: number
  /**
   * The partition that opened a batch past the limit: others wait until it has handled that batch.
   */
  #beyondLimit: MemoryUser | null = null
  #hasFreed = false

  constructor(maxBytes: number, maxPerPartition: number) {
    this.maxBytes = maxBytes
    this.#maxPerPartition = maxPerPartition
    this.#share = maxPerPartition
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Bytes one partition may hold before its fetching pauses. */
  get share(): number {
    return this.#share
  }

  join(user: MemoryUser): void {
    this.#users.add(user)
    this.#divide()
  }

  leave(user: MemoryUser): void {
    this.#users.delete(user)
    this.#waiting.delete(user)
    this.#divide()
    if (this.#beyondLimit !== user) return
    this.#beyondLimit = null
    this.#tell()
  }

  /** Called once after partitions are added or removed together, not once for each. */
  sharesChanged(): void {
    for (const user of this.#users) user.shareChanged()
  }

  take(bytes: number): void {
    this.#bytes += bytes
  }

  giveBack(bytes: number): void {
    this.#bytes -= bytes
    if (this.#waiting.size === 0) return
    this.#hasFreed = true
    this.#tell()
  }

  /** True if the partition may open a batch. If not, `memoryFreed` tells when to ask again. */
  admits(user: MemoryUser): boolean {
    if (this.#isOpen) return true
    this.#waiting.add(user)
    return false
  }

  /** The partition opens a batch. */
  opening(user: MemoryUser): void {
    if (this.#isOverLimit) this.#beyondLimit = user
  }

  /**
   * Called once a second. If nothing was given back since the last call, the partition whose turn
   * it is may be paused or hang; the others must not wait for it.
   */
  tick(): void {
    if (this.#waiting.size > 0 && !this.#hasFreed) {
      this.#beyondLimit = null
      this.#tell()
    }
    this.#hasFreed = false
  }

  get #isOverLimit(): boolean {
    return this.#bytes > OPENING_LIMIT * this.maxBytes
  }

  get #isOpen(): boolean {
    return !this.#isOverLimit || this.#beyondLimit === null || !this.#beyondLimit.usesMemory
  }

  #divide(): void {
    const fair = this.maxBytes / Math.max(1, this.#users.size)
    this.#share = Math.min(this.#maxPerPartition, Math.max(MIN_SHARE, Math.floor(fair)))
  }

  #tell(): void {
    if (this.#waiting.size === 0 || !this.#isOpen) return
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const user of waiting) user.memoryFreed()
  }
}
