import type { Supply } from '../intake/supply.ts'
import type { PartitionProcessor } from '../types.ts'

/** The parts of a lane that it looks at. */
interface LaneParts {
  readonly processor: Pick<PartitionProcessor, 'awaits' | 'mayAwait'>
  readonly intake: { readonly supply: Pick<Supply, 'peek' | 'damage'> }
  /** There may be work. */
  wake(): void
}

/**
 * Holds the supply of one partition while what its next record needs is loaded, such as a schema.
 * The record is not taken meanwhile, so nothing overtakes it, no attempt is counted, and no
 * concurrency slot is held.
 */
export class Awaited {
  readonly #lane: LaneParts
  #holds = false
  /** The last that was waited for. */
  #last: Promise<void> | null = null

  constructor(lane: LaneParts) {
    this.#lane = lane
  }

  get holds(): boolean {
    return this.#holds
  }

  /** Whether the next record has to wait; then `wake` follows. */
  check(): boolean {
    const { processor, intake } = this.#lane
    const { supply } = intake
    if (processor.mayAwait !== true) return false
    const next = supply.peek()
    // A damaged batch is kept as it is.
    if (next === undefined || supply.damage !== null) return false
    const awaited = processor.awaits?.(next) ?? null
    if (awaited === null) return false
    this.#holds = true
    if (awaited === this.#last) return true
    this.#last = awaited
    void awaited.then(() => {
      if (this.#last === awaited) this.#last = null
      this.recheck()
    })
    return true
  }

  /** The next record may be another one now, or be decoded in another way. */
  recheck(): void {
    if (!this.#holds) return
    this.#holds = false
    this.#lane.wake()
  }
}
