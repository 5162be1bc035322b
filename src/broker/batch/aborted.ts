import type { BatchHeader } from './header.ts'

/** Of a fetch answer: the transaction of this producer that began there was aborted. */
export interface AbortedTransaction {
  readonly producerId: bigint
  readonly firstOffset: number
}

/** What ends a transaction; null: some other control record. */
export type ControlType = 'abort' | 'commit' | null

/**
 * Tells which batches of one partition in one fetch answer belong to aborted transactions. Brokers
 * send those, too, and a list of the transactions; a reader of committed records leaves them out.
 */
export class AbortedFilter {
  /** By first offset, ascending; those before #next are taken. */
  readonly #entries: readonly AbortedTransaction[]
  #next = 0
  /** Producers inside of an aborted transaction. */
  readonly #aborting = new Set<bigint>()

  constructor(entries: readonly AbortedTransaction[]) {
    this.#entries = entries.toSorted((one, other) => one.firstOffset - other.firstOffset)
  }

  /**
   * To be asked of every batch in the order of offsets, also of control batches: these end
   * transactions, and hold nothing for anybody else.
   * @param readControlType only called for a control batch of a producer that is aborting.
   */
  isAborted(header: BatchHeader, readControlType: () => ControlType): boolean {
    const { lastOffset, producerId, isControl, isTransactional } = header
    for (;;) {
      const entry = this.#entries[this.#next]
      // As Java's consumer does: a first offset inside of a batch counts from its first record on.
      if (entry === undefined || entry.firstOffset > lastOffset) break
      this.#aborting.add(entry.producerId)
      this.#next += 1
    }
    if (!this.#aborting.has(producerId)) return false
    if (!isControl) return isTransactional
    // A commit ends it as well: no transaction can be open across one, whatever became of its marker.
    if (readControlType() !== null) this.#aborting.delete(producerId)
    return false
  }
}
