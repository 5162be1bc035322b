import type { BatchHeader } from './header.ts'

/** From a fetch answer: this producer's transaction that began at that offset was aborted. */
export interface AbortedTransaction {
  readonly producerId: bigint
  readonly firstOffset: number
}

/** How a transaction ended; null: some other control record. */
export type ControlType = 'abort' | 'commit' | null

/**
 * Finds the batches of one partition in a fetch answer that belong to aborted transactions. Brokers
 * send those too, with a list of the transactions; a reader of committed records skips them.
 */
export class AbortedFilter {
  /** By first offset, ascending; those before #next are done. */
  readonly #entries: readonly AbortedTransaction[]
  #next = 0
  /** Producers inside an aborted transaction. */
  readonly #aborting = new Set<bigint>()

  constructor(entries: readonly AbortedTransaction[]) {
    this.#entries = entries.toSorted((one, other) => one.firstOffset - other.firstOffset)
  }

  /**
   * Call for every batch in offset order, including control batches, which end transactions and
   * have no other use.
   * @param readControlType only called for a control batch of a producer that is aborting
   */
  isAborted(header: BatchHeader, readControlType: () => ControlType): boolean {
    const { lastOffset, producerId, isControl, isTransactional } = header
    for (;;) {
      const entry = this.#entries[this.#next]
      // As in Java's consumer, a first offset inside a batch applies from its first record on.
      if (entry === undefined || entry.firstOffset > lastOffset) break
      this.#aborting.add(entry.producerId)
      this.#next += 1
    }
    if (!this.#aborting.has(producerId)) return false
    if (!isControl) return isTransactional
    // A commit ends it too: no transaction spans a commit, even if its own marker is missing.
    if (readControlType() !== null) this.#aborting.delete(producerId)
    return false
  }
}
