import type { Claim, OffsetRange } from '../../broker/types.ts'
import type { FinishedState } from '../offset-tracker.ts'
import type { LineProgress, Move, NewOffset } from './types.ts'
import { Written } from './written.ts'

/** One partition under one claim: what the store has of it, and whether it may still be written. */
export class Line {
  readonly claim: Claim
  readonly progress: LineProgress
  readonly #signal: AbortSignal
  readonly #all: Written
  #version: number
  /** What the last transaction wrote; empty: unknown. */
  #written = ''
  #isFenced = false
  #isMoved = false

  /**
   * @param signal aborts when the assignment has ended.
   * @param all of the partition; default: nobody asks for it.
   */
  constructor(claim: Claim, progress: LineProgress, signal: AbortSignal, all = new Written()) {
    this.claim = claim
    this.progress = progress
    this.#signal = signal
    this.#all = all
    this.#version = claim.version
  }

  /** Nothing of it may be written any more. */
  get isOver(): boolean {
    return this.#isFenced || this.#isMoved || this.#signal.aborted
  }

  get version(): number {
    return this.#version
  }

  /** False: the store has all that is finished. */
  get isDue(): boolean {
    return keyOf(this.progress.preview([])) !== this.#written
  }

  moveWith(offsets: Iterable<number>, recordTime: number | null, to?: NewOffset): Move {
    const { claim, progress } = this
    const state = to === undefined ? progress.preview(offsets) : { next: to.offset, finished: [] }
    const finishedEpoch = claim.epochBefore(state.finished.at(-1)?.to ?? state.next)
    const own = { claim, version: this.#version, metadata: progress.metadata }
    return { ...state, ...own, finishedEpoch, recordTime, operator: to?.operator }
  }

  committed(move: Move, offsets: Iterable<number>): void {
    this.#version = move.version + 1
    // It continues elsewhere, under another claim.
    if (move.operator !== undefined) this.#isMoved = true
    this.#written = keyOf(move)
    this.#all.add(move, this.#isMoved)
    // Of an assignment that has ended, nobody counts it.
    if (!this.#signal.aborted) for (const offset of offsets) this.progress.settle(offset)
  }

  /** Another process has claimed the partition, or its row is gone. */
  fence(): void {
    if (this.isOver) return
    this.#isFenced = true
    this.claim.fenced()
  }
}

function keyOf({ next, finished }: FinishedState): string {
  return `${next} ${finished.map(({ from, to }: OffsetRange) => `${from}-${to}`).join()}`
}
