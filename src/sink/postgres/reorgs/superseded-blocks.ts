import type { Block, BlockName, ChainEvent } from '../../../decode/types.ts'
import { forgetOldest } from '../../../kernel/forget-oldest.ts'
import type { BlockChange } from '../../../kernel/shapes/held-write.ts'

/** Blocks that changed sides, as many as several forks of the depth that decode/ remembers. */
const REMEMBERED = 8192
/** Events that were observed; one that comes again is no news. */
const OBSERVED = 256

/**
 * Which blocks are superseded, as far as the emitted events have said. Rows come from several
 * partitions, and again after failures: what is written of a block depends on the newest that is
 * known of it, not on the order of the rows.
 */
export class SupersededBlocks {
  /** Hash of the block in its place, by cell; null: it is valid again. */
  readonly #successors = new Map<string, string | null>()
  readonly #observed = new Set<string>()
  readonly #cellOf: (hash: string) => string

  /** @param cellOf a hash as it is in the column of the table */
  constructor(cellOf: (hash: string) => string) {
    this.#cellOf = cellOf
  }

  /** The blocks that an event of kind `reorg` changes; null: it is another event. */
  observe({ id, kind, block, reorg }: Partial<ChainEvent>): BlockChange | null {
    if (kind !== 'reorg' || reorg === undefined) {
      if (block !== undefined) this.#note(block)
      return null
    }
    const { superseded, restored, to } = reorg
    const changeOf = ({ number, hash }: BlockName, supersededBy: string | null) => {
      return { number, hash: this.#cellOf(hash), supersededBy }
    }
    const blocks = [
      ...superseded.map((one) => changeOf(one, to)),
      ...restored.map((one) => changeOf(one, null)),
    ]
    const key = id ?? to
    if (!this.#observed.has(key)) {
      this.#observed.add(key)
      forgetOldest(this.#observed, OBSERVED)
      for (const { hash, supersededBy } of blocks) this.#set(hash, supersededBy)
    }
    return { blocks }
  }

  /** undefined: no event has said. @param hash its cell */
  successorOf(hash: string): string | null | undefined {
    return this.#successors.get(hash)
  }

  /** A block that came after it was superseded. */
  #note({ hash, supersededBy }: Block): void {
    if (supersededBy === undefined) return
    const cell = this.#cellOf(hash)
    if (typeof this.#successors.get(cell) !== 'string') this.#set(cell, supersededBy)
  }

  #set(hash: string, successor: string | null): void {
    this.#successors.delete(hash)
    this.#successors.set(hash, successor)
    forgetOldest(this.#successors, REMEMBERED)
  }
}
