/** A partition, as the memory sees it. */
export interface MemoryUser {
  /** It holds records that are taken apart or in flight: it will give memory back. */
  readonly usesMemory: boolean
  /** It may hold more than before, or less. */
  shareChanged(): void
  /** It is worth asking again whether a batch may be taken apart. */
  memoryFreed(): void
}

/** Of one partition, in bytes, however many there are: or a fetch would bring next to nothing. */
const MIN_SHARE = 65_536
/** Times `maxBytes`. Taken apart a batch may hold many times what it came as. */
const OPENING_LIMIT = 1.5

/**
 * What all partitions of the process hold: what is fetched and what is in flight. Each has a fair
 * share of it. Past the limit only one partition at a time takes batches apart, so that what has
 * been fetched can be worked off whatever it grows to.
 */
export class Memory {
  readonly maxBytes: number
  readonly #mostPerPartition: number
  readonly #users = new Set<MemoryUser>()
  readonly #waiting = new Set<MemoryUser>()
  #bytes = 0
  #share: number
  /** Who took a batch apart past the limit: others wait until it has worked that off. */
  #beyondLimit: MemoryUser | null = null
  #hasFreed = false

  constructor(maxBytes: number, mostPerPartition: number) {
    this.maxBytes = maxBytes
    this.#mostPerPartition = mostPerPartition
    this.#share = mostPerPartition
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Bytes that one partition may hold before its fetching pauses. */
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

  /** Once after all that came or went together, rather than for each of them. */
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

  /** Whether it may take a batch apart. If not, `memoryFreed` tells when to ask again. */
  admits(user: MemoryUser): boolean {
    if (this.#isOpen) return true
    this.#waiting.add(user)
    return false
  }

  /** It takes a batch apart. */
  opening(user: MemoryUser): void {
    if (this.#isOverLimit) this.#beyondLimit = user
  }

  /**
   * Called once a second. Where nothing was given back since the last time, whoever has its turn may
   * be held or hang: others are not to wait for it.
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
    this.#share = Math.min(this.#mostPerPartition, Math.max(MIN_SHARE, Math.floor(fair)))
  }

  #tell(): void {
    if (this.#waiting.size === 0 || !this.#isOpen) return
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const user of waiting) user.memoryFreed()
  }
}
