import type { BatchLimits, SliceOptions } from '../../flow/types.ts'

/** Bytes of a chunk: several fit into a worker's queue, and copying one is cheap. */
export const CHUNK_BYTES = 1024 * 1024
/** Target milliseconds of a slice: longer ones only delay rebalances. */
const SLICE_TIME = 40
/** Target milliseconds of a whole batch: what a crash repeats and a commit waits for. */
const BATCH_TIME = 400
const FIRST_SIZE = 32
const MAX_SIZE = 256

/** How many records of a partition go to a worker together, by how long they took before. */
export class ChunkSize {
  /** Weighted mean milliseconds per record; recent ones weigh more. */
  #milliseconds = SLICE_TIME / FIRST_SIZE
  #slice: SliceOptions = { size: FIRST_SIZE, within: 0 }

  /** The same object until the size changes. */
  get slice(): SliceOptions {
    return this.#slice
  }

  get batches(): BatchLimits {
    const within = (time: number) => Math.max(1, Math.round(time / this.#milliseconds))
    return { records: within(SLICE_TIME), bytes: CHUNK_BYTES, most: within(BATCH_TIME) }
  }

  /** This many records took this long. */
  learn(count: number, milliseconds: number): void {
    this.#milliseconds += (milliseconds / count - this.#milliseconds) / 8
    const size = Math.min(
      MAX_SIZE,
      Math.max(2, 2 ** Math.round(Math.log2(SLICE_TIME / this.#milliseconds))),
    )
    if (size !== this.#slice.size) this.#slice = { size, within: 0 }
  }
}
