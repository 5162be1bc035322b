/**
 * Which records of one partition are unfinished, and so how far may be committed. Records finish
 * in any order; the committable offset has nothing unfinished below it. Offsets may have holes
 * (compaction, transaction markers): only what arrived is tracked, nothing is assumed.
 */
export class OffsetTracker {
  /** Unfinished or finished-out-of-order offsets, ascending; the live part begins at #head. */
  #offsets: number[] = []
  #head = 0
  /** Finished offsets that still wait for a lower one. */
  readonly #gaps = new Set<number>()
  #next: number

  /** @param start the first offset that this tracker answers for. */
  constructor(start: number) {
    this.#next = start
  }

  /** Records that arrived and are not known to be finished. */
  get unfinished(): number {
    return this.#offsets.length - this.#head - this.#gaps.size
  }

  /** Everything below this offset is finished, or will never come. */
  get committable(): number {
    return this.#offsets[this.#head] ?? this.#next
  }

  /** The offset after the last one that arrived or was skipped. */
  get position(): number {
    return this.#next
  }

  /**
   * Offsets arrive in ascending order. Where a topic was made anew they begin again, below what
   * came before: that is right as long as records finish in the order in which they arrived.
   */
  arrived(offset: number): void {
    this.#offsets.push(offset)
    this.#next = offset + 1
  }

  /** Nothing below `offset` will arrive any more: control records, or a range lost to retention. */
  advance(offset: number): void {
    if (offset > this.#next) this.#next = offset
  }

  finished(offset: number): void {
    if (this.#offsets[this.#head] !== offset) {
      this.#gaps.add(offset)
      return
    }
    this.#head += 1
    while (this.#gaps.size > 0) {
      const lowest = this.#offsets[this.#head]
      if (lowest === undefined || !this.#gaps.delete(lowest)) break
      this.#head += 1
    }
    this.#trim()
  }

  /** Gives the finished front back, at a cost that is constant on average. */
  #trim(): void {
    if (this.#head === this.#offsets.length) {
      this.#offsets.length = 0
      this.#head = 0
    } else if (this.#head >= 1024 && this.#head * 2 >= this.#offsets.length) {
      this.#offsets = this.#offsets.slice(this.#head)
      this.#head = 0
    }
  }
}
