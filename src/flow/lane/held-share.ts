/** Looks, one a second. */
const LOOKS = 60

/** In which share of the last minute something was the case, by looking once a second. */
export class HeldShare {
  readonly #looks: boolean[] = []
  #next = 0
  #held = 0

  look(isHeld: boolean): void {
    if (this.#looks[this.#next] === true) this.#held -= 1
    this.#looks[this.#next] = isHeld
    if (isHeld) this.#held += 1
    this.#next = (this.#next + 1) % LOOKS
  }

  /** 0 to 1. What was before the first look counts as not held. */
  get value(): number {
    return this.#held / LOOKS
  }
}
