import type { SliceOptions } from '../types.ts'

/** A slice of one record: it never waits. */
export const ALONE: SliceOptions = { size: 1, within: 0 }

/** Decides when a slice goes: once it is full, or its first record has waited long enough. */
export class SliceFilling {
  /** Maximum records of a slice. */
  readonly size: number
  readonly #within: number
  readonly #due: () => void
  #timer: NodeJS.Timeout | undefined
  #isDue = false
  #waits = false

  constructor({ size, within }: SliceOptions, due: () => void) {
    this.size = size
    this.#within = within
    this.#due = due
  }

  /** Not worth asking again until `recheck` is called. */
  get waits(): boolean {
    return this.#waits
  }

  /** @param available records that could be part of the slice, at least one. */
  mayGo(available: number): boolean {
    if (available >= this.size || this.#isDue || this.#within === 0) return true
    this.#waits = true
    this.#timer ??= setTimeout(() => {
      this.#isDue = true
      this.#waits = false
      this.#due()
    }, this.#within)
    return false
  }

  /** More records may be available. */
  recheck(): void {
    this.#waits = false
  }

  /** The slice was handed over, or never will be. The next one begins. */
  went(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#isDue = false
    this.#waits = false
  }
}
