import type { CommitMode, Committer } from '../../commit/committer.ts'

/** Holds one partition until its commit has succeeded, with commit modes `record` and `batch`. */
export class CommitBarrier {
  /** Set by the session. Told about progress. */
  committer: Committer | null = null
  readonly #mode: CommitMode
  readonly #released: () => void
  /** Last offsets of fetched batches that are not finished. */
  #batchEnds: number[] = []
  #holds = 0

  constructor(mode: CommitMode, released: () => void) {
    this.#mode = mode
    this.#released = released
  }

  get holds(): boolean {
    return this.#holds > 0
  }

  batchEndsWith(offset: number): void {
    if (this.#mode === 'batch') this.#batchEnds.push(offset)
  }

  /** Offsets continue at `offset`, below what came before. */
  restart(offset: number): void {
    this.#batchEnds = this.#batchEnds.filter((end) => end < offset)
  }

  /** One record is finished. @param committable nothing below it is unfinished. */
  finished(committable: number): void {
    this.committer?.finished(1)
    if (this.#mode === 'interval') return
    if (this.#mode === 'record' || this.#passedBatch(committable)) void this.#barrier()
  }

  /** Only with mode `interval`, where the barrier never holds. */
  finishedWhole(records: number): void {
    this.committer?.finished(records)
  }

  #passedBatch(committable: number): boolean {
    let passed = false
    while ((this.#batchEnds[0] ?? Number.POSITIVE_INFINITY) < committable) {
      this.#batchEnds.shift()
      passed = true
    }
    return passed
  }

  /** The next record waits for the commit. If that fails, a later commit makes up for it. */
  async #barrier(): Promise<void> {
    this.#holds += 1
    await this.committer?.flush()
    this.#holds -= 1
    this.#released()
  }
}
