import type { CountsByText } from '../types.ts'

const MAX_LENGTH = 64
const OTHER = 'other'

/** Each text is a time series in Prometheus, and a handler may put an id into a reason or a code. */
export class TextCounts extends Map<string, number> implements CountsByText {
  readonly #most: number

  /** @param most texts, 64 characters of each; then `other`. @param known they are shown before they occur */
  constructor(most: number, known: readonly string[] = []) {
    super()
    this.#most = most
    for (const text of known) super.set(text, 0)
  }

  count(given: string): void {
    const text = String(given).slice(0, MAX_LENGTH).toWellFormed()
    this.set(text, (this.get(text) ?? 0) + 1)
  }

  /** The count of a new text for which there is no room is added to that of the others. */
  override set(text: string, count: number): this {
    const hasRoom = this.has(text) || text === OTHER || this.size < this.#most
    return hasRoom ? super.set(text, count) : super.set(OTHER, (this.get(OTHER) ?? 0) + count)
  }
}
