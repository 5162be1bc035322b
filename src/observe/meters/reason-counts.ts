/** Each reason is a time series in Prometheus, and a handler may put an id into its text. */
const MAX_REASONS = 20
const MAX_LENGTH = 64
const OTHER = 'other'

/** Counts by a text that handlers write: the first 20 texts, 64 characters of each; then `other`. */
export class ReasonCounts extends Map<string, number> {
  /** @param known reasons that are shown before they occur. */
  constructor(known: readonly string[]) {
    super(known.map((reason) => [reason, 0]))
  }

  count(reason: string): void {
    const text = String(reason).slice(0, MAX_LENGTH).toWellFormed()
    this.set(text, (this.get(text) ?? 0) + 1)
  }

  /** The count of a new reason for which there is no room is added to that of the others. */
  override set(reason: string, count: number): this {
    const hasRoom = this.has(reason) || reason === OTHER || this.size < MAX_REASONS
    return hasRoom ? super.set(reason, count) : super.set(OTHER, (this.get(OTHER) ?? 0) + count)
  }
}
