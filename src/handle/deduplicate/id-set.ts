/**
 * The 64-bit hash of the current id, in two halves. Module state, so that a call allocates nothing.
 */
let high = 0
let low = 0
/** The id that they are of: what is looked for is often added next. */
let hashed: string | null = null

/**
 * Two independent 32-bit multiplicative hashes. With 200,000 ids remembered, the chance of
 * mistaking a new id for a remembered one is 1 in 90 trillion.
 */
export function hashId(id: string): void {
  if (id === hashed) return
  hashed = id
  let a = 0xdeadbeef ^ id.length
  let b = 0x41c6ce57 ^ id.length
  for (let index = 0; index < id.length; index++) {
    const code = id.charCodeAt(index)
    a = Math.imul(a ^ code, 2654435761)
    b = Math.imul(b ^ code, 1597334677)
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909)
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909)
  // Zero in the first half marks an empty slot.
  high = a >>> 0 || 1
  low = b >>> 0
}

const MIN_SLOTS = 1024

/**
 * A set of id hashes: open addressing over two typed arrays, 8 bytes per slot, at most 4/5 full.
 */
export class IdSet {
  #slots = MIN_SLOTS
  #highs = new Uint32Array(this.#slots)
  #lows = new Uint32Array(this.#slots)
  size = 0

  /** Size of the tables. */
  get bytes(): number {
    return this.#slots * 8
  }

  /** True if the last hashed id is in the set. */
  hasHashed(): boolean {
    return this.#highs[this.#slot()] !== 0
  }

  /** Adds the last hashed id. */
  addHashed(): void {
    const slot = this.#slot()
    if (this.#highs[slot] !== 0) return
    this.#highs[slot] = high
    this.#lows[slot] = low
    this.size += 1
    if (this.size * 5 > this.#slots * 4) this.#grow()
  }

  /** The slot of the current hash, or where it would go. */
  #slot(): number {
    const mask = this.#slots - 1
    let slot = low & mask
    while (this.#highs[slot] !== 0 && (this.#highs[slot] !== high || this.#lows[slot] !== low)) {
      slot = (slot + 1) & mask
    }
    return slot
  }

  #grow(): void {
    const [highs, lows, hashHigh, hashLow] = [this.#highs, this.#lows, high, low]
    this.#slots *= 2
    this.#highs = new Uint32Array(this.#slots)
    this.#lows = new Uint32Array(this.#slots)
    this.size = 0
    for (let slot = 0; slot < highs.length; slot++) {
      high = highs[slot] ?? 0
      low = lows[slot] ?? 0
      if (high !== 0) this.addHashed()
    }
    high = hashHigh
    low = hashLow
  }
}
