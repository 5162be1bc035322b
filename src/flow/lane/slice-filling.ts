import type { SliceOptions } from '../types.ts'

/** When a slice goes: full, or once its first record has waited for long enough. */
export class SliceFilling {
  /** Most records of a slice. */
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

  /** Not worth asking again until `look` is called. */
  get waits(): boolean {
    return this.#waits
  }

  /** @param available records that could be part of it, at least one. */
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

  /** There may be more than there was. */
  look(): void {
    this.#waits = false
  }

  /** It went, or never will: the next one begins. */
  went(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#isDue = false
    this.#waits = false
  }
}
