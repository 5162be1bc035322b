import type { RecordWriter, WrittenRecord } from '../../handle/write/write-round.ts'
import { OccError } from '../../kernel/errors.ts'
import type { HeldWrite } from '../../kernel/shapes/held-write.ts'
import { createStates, DONE_BY, type SliceStates } from '../slice-state.ts'
import type { Chunk } from './chunk.ts'

/**
 * What is written with the offsets of a chunk's records, for its worker. A record that is written is
 * finished, whatever becomes of the worker.
 */
export class ChunkWrites {
  readonly #writer: RecordWriter | null
  /** Index of each record, by offset. */
  readonly #indexes: ReadonlyMap<number | null, number>
  readonly #written = new Set<number>()
  readonly #underWay = new Set<Promise<void>>()
  readonly #now: () => number
  #waited = 0
  #since = 0

  /** @param now monotonic milliseconds */
  constructor(
    { writer, count, offsetAt }: Pick<Chunk, 'writer' | 'count' | 'offsetAt'>,
    now: () => number,
  ) {
    this.#writer = writer
    this.#now = now
    const indexes = writer === null ? [] : Array.from({ length: count }, (_, index) => index)
    this.#indexes = new Map(indexes.map((index) => [offsetAt(index), index]))
  }

  /** The worker waits for the database. */
  get areUnderWay(): boolean {
    return this.#underWay.size > 0
  }

  /** Milliseconds in which something was under way, up to now if nothing is. */
  get waited(): number {
    return this.#waited
  }

  has({ offset }: WrittenRecord): boolean {
    return this.#indexes.has(offset)
  }

  /** As `RecordWriter.write`. */
  write(records: readonly WrittenRecord[], writes: readonly HeldWrite[]): Promise<void> {
    if (this.#writer === null) return Promise.reject(nobodyWaits())
    const writing: Promise<void> = this.#writer
      .write(records, writes)
      .then(() => {
        for (const { offset } of records) this.#written.add(this.#indexes.get(offset) ?? -1)
      })
      .finally(() => {
        this.#underWay.delete(writing)
        if (!this.areUnderWay) this.#waited += this.#now() - this.#since
      })
    if (!this.areUnderWay) this.#since = this.#now()
    this.#underWay.add(writing)
    return writing
  }

  /** Resolves when nothing is under way: only then it is known what is finished. */
  async ended(): Promise<void> {
    await Promise.allSettled(this.#underWay)
  }

  /** The states with what the worker may not have heard of. */
  correct(states: SliceStates): SliceStates {
    if (this.#written.size === 0) return states
    const known = createStates(states.length)
    known.set(states)
    for (const index of this.#written) known[index] = DONE_BY
    return known
  }
}

/** The records are in no worker any more, or nothing is written for them. */
export function nobodyWaits(): OccError {
  return new OccError(
    'OCC_WORKER_ABORTED',
    'Nothing was written: nobody waits for the records any more.',
    { retriable: true },
  )
}
