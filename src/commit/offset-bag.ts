/** Offsets, each as often as it was added. */
export class OffsetBag {
  readonly #counts = new Map<number, number>()

  add(offset: number): void {
    this.#counts.set(offset, (this.#counts.get(offset) ?? 0) + 1)
  }

  has(offset: number): boolean {
    return this.#counts.has(offset)
  }

  /** Removes it once. False: it was not there. */
  take(offset: number): boolean {
    const count = this.#counts.get(offset)
    if (count === undefined) return false
    if (count > 1) this.#counts.set(offset, count - 1)
    else this.#counts.delete(offset)
    return true
  }
}
