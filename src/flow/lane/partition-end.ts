import type { BlockedByTransaction } from '../../observe/types.ts'

/** How far one partition was fetched, and where it ends. */
export class PartitionEnd {
  readonly #caughtUp: () => void
  /** Wall clock, milliseconds since the epoch. */
  readonly #now: () => number
  /** The offset at which the next batch begins. */
  #position: number
  #endOffset: number | null = null
  /** Milliseconds since the epoch; null: no broker has named the end yet. */
  #endKnownAt: number | null = null
  /** Where the first open transaction begins; null: unknown. */
  #stableOffset: number | null = null
  #isCaughtUp = false
  /** The stable offset at which consuming waits, and since when. */
  #blockedAt: { readonly offset: number; readonly since: number } | null = null

  /** @param caughtUp called whenever the end is reached. */
  constructor(position: number, now: () => number, caughtUp: () => void) {
    this.#position = position
    this.#now = now
    this.#caughtUp = caughtUp
  }

  get position(): number {
    return this.#position
  }

  get endOffset(): number | null {
    return this.#endOffset
  }

  /** When a broker last named the end offset. */
  get endKnownAt(): number | null {
    return this.#endKnownAt
  }

  get stableOffset(): number | null {
    return this.#stableOffset
  }

  /** Everything that may be read has been fetched. */
  get isCaughtUp(): boolean {
    return this.#isCaughtUp
  }

  /** Records that an open transaction blocks. */
  get blocked(): BlockedByTransaction | null {
    if (this.#blockedAt === null || this.#endOffset === null) return null
    return { records: this.#endOffset - this.#blockedAt.offset, since: this.#blockedAt.since }
  }

  /** @param stableOffset null: unchanged. */
  told(endOffset: number, stableOffset: number | null): void {
    this.#endKnownAt = this.#now()
    if (stableOffset === null) this.#setEnd(endOffset)
    else {
      this.#endOffset = endOffset
      this.#stableOffset = stableOffset
    }
    this.#update()
  }

  /** A batch was fetched. */
  fetched(position: number, endOffset: number): void {
    this.#endKnownAt = this.#now()
    this.#setEnd(endOffset)
    this.#position = position
    this.#update()
  }

  /** Nothing was fetched, but consuming continues elsewhere. */
  moveTo(position: number): void {
    this.#position = position
    this.#endOffset = Math.max(position, this.#endOffset ?? 0)
    this.#update()
  }

  /** Everything from `position` on is fetched again. */
  goBackTo(position: number): void {
    this.#position = position
    this.#update()
  }

  #setEnd(endOffset: number): void {
    // If no transaction was open, a later end does not tell what is open now.
    if (endOffset !== this.#endOffset && this.#stableOffset === this.#endOffset) {
      this.#stableOffset = null
    }
    this.#endOffset = endOffset
  }

  /** Reaching the end is an event, never an error. */
  #update(): void {
    const end = this.#endOffset
    if (end === null) return
    const stable = this.#stableOffset
    // With read_uncommitted, the position moves past it.
    const isBlocked = stable !== null && stable < end && this.#position === stable
    if (!isBlocked) this.#blockedAt = null
    else if (this.#blockedAt?.offset !== stable) {
      // Several transactions may follow each other. What counts is how long the same one is open.
      this.#blockedAt = { offset: stable, since: this.#now() }
    }
    const isCaughtUp = isBlocked || this.#position >= end
    if (isCaughtUp && !this.#isCaughtUp) this.#caughtUp()
    this.#isCaughtUp = isCaughtUp
  }
}
