import type { BlockedByTransaction } from '../../observe/types.ts'

/** How far one partition was fetched, and how far it goes. */
export class PartitionEnd {
  readonly #caughtUp: () => void
  /** Wall clock, milliseconds since the epoch. */
  readonly #now: () => number
  /** The offset that the next batch begins at. */
  #position: number
  #endOffset: number | null = null
  /** Where the first open transaction begins; null: not known. */
  #stableOffset: number | null = null
  #isCaughtUp = false
  /** The stable offset that consuming waits at, and since when. */
  #blockedAt: { readonly offset: number; readonly since: number } | null = null

  /** @param caughtUp is called whenever the end is reached. */
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

  get stableOffset(): number | null {
    return this.#stableOffset
  }

  /** All that may be read has been fetched. */
  get isCaughtUp(): boolean {
    return this.#isCaughtUp
  }

  /** Records that an open transaction keeps from being read. */
  get blocked(): BlockedByTransaction | null {
    if (this.#blockedAt === null || this.#endOffset === null) return null
    return { records: this.#endOffset - this.#blockedAt.offset, since: this.#blockedAt.since }
  }

  /** @param stableOffset null: nothing new of it. */
  told(endOffset: number, stableOffset: number | null): void {
    if (stableOffset === null) this.#setEnd(endOffset)
    else {
      this.#endOffset = endOffset
      this.#stableOffset = stableOffset
    }
    this.#look()
  }

  /** A batch came. */
  fetched(position: number, endOffset: number): void {
    this.#setEnd(endOffset)
    this.#position = position
    this.#look()
  }

  /** Nothing was fetched, but consuming goes on elsewhere. */
  moveTo(position: number): void {
    this.#position = position
    this.#endOffset = Math.max(position, this.#endOffset ?? 0)
    this.#look()
  }

  /** What was fetched from there on is fetched again. */
  goBackTo(position: number): void {
    this.#position = position
    this.#look()
  }

  #setEnd(endOffset: number): void {
    // Where no transaction was open, a later end says nothing of what is open now.
    if (endOffset !== this.#endOffset && this.#stableOffset === this.#endOffset) {
      this.#stableOffset = null
    }
    this.#endOffset = endOffset
  }

  /** Reaching the end is an event, never an error. */
  #look(): void {
    const end = this.#endOffset
    if (end === null) return
    const stable = this.#stableOffset
    // Who reads what is not committed yet gets beyond it.
    const isBlocked = stable !== null && stable < end && this.#position === stable
    if (!isBlocked) this.#blockedAt = null
    else if (this.#blockedAt?.offset !== stable) {
      // One after the other may be open: what counts is how long the same one is.
      this.#blockedAt = { offset: stable, since: this.#now() }
    }
    const isCaughtUp = isBlocked || this.#position >= end
    if (isCaughtUp && !this.#isCaughtUp) this.#caughtUp()
    this.#isCaughtUp = isCaughtUp
  }
}
