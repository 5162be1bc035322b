import type { OffsetRange } from '../broker/types.ts'
import { createInherited, type Inherited } from './inherited.ts'
import { OffsetBag } from './offset-bag.ts'

/** How far a partition is finished. */
export interface FinishedState {
  /** Everything below it is finished, or will never arrive. */
  readonly next: number
  /** Finished ranges above it, ascending. */
  readonly finished: readonly OffsetRange[]
}

/** A batch tracked as a whole, without its records. Made by `OffsetTracker.arrivedWhole`. */
export interface ArrivedBatch {
  /** Its first offset, whether or not a record has that offset. */
  readonly from: number
  /** The offset after it; lower if the offsets of another log begin in the middle of it. */
  to: number
  /** Max number of records. */
  readonly count: number
  /** Its offsets belong to a deleted log: finishing it has no effect. */
  isStale: boolean
}

/**
 * Tracks which records of one partition are unfinished, and so how far may be committed. Records
 * finish in any order; nothing below the committable offset is unfinished. Offsets may have holes
 * (compaction, transaction markers), so only offsets that arrived are tracked.
 */
export class OffsetTracker {
  /**
   * Offsets that are unfinished, or finished out of order, ascending; the live part begins at
   * #head.
   */
  #offsets: number[] = []
  #head = 0
  /** Finished offsets above an unfinished one. */
  readonly #gaps = new Set<number>()
  /** Batches that have one entry in #offsets, their first offset, for all of their records. */
  readonly #batches = new Map<number, ArrivedBatch>()
  /** Records of these batches, less the one entry each has in #offsets. */
  #more = 0
  /** Offsets above the committed one that were finished before this assignment; null: none left. */
  #inherited: Inherited | null
  /** Arrived offsets not yet passed to `wasFinished`; counted while something is inherited. */
  #unasked = 0
  /**
   * Inherited offsets of the old topic before it was recreated, and how many are still to be asked
   * for.
   */
  #former: { readonly inherited: Inherited; left: number } | null = null
  /** Unfinished offsets of the old topic before it was recreated. */
  readonly #stale = new OffsetBag()
  /** Offsets that `settle` has finished, and for which `finished` is still to come. */
  readonly #settled = new OffsetBag()
  #next: number
  #gapChanges = 0

  /**
   * @param start the first offset to track
   * @param finished offsets above it that are already finished, ascending
   */
  constructor(start: number, finished: readonly OffsetRange[] = []) {
    this.#next = start
    this.#inherited = createInherited(finished)
  }

  /** Number of records that arrived and are unfinished. */
  get unfinished(): number {
    let count = this.held - this.#gaps.size
    for (const { from, count: records } of this.#batches.values()) {
      if (this.#gaps.has(from)) count -= records - 1
    }
    return count
  }

  /** Number of records that arrived, from the lowest unfinished one on, including finished ones. */
  get held(): number {
    return this.#offsets.length - this.#head + this.#more
  }

  /** Everything below this offset is finished, or will never arrive. */
  get committable(): number {
    return this.#offsets[this.#head] ?? this.#next
  }

  /** The offset after the last one that arrived or was skipped. */
  get position(): number {
    return this.#next
  }

  /** Increases with every record that finishes above an unfinished one. */
  get gapChanges(): number {
    return this.#gapChanges
  }

  /**
   * Offsets arrive in ascending order. In a recreated topic they start again, below earlier ones;
   * see #beginAgain.
   */
  arrived(offset: number): void {
    if (offset < this.#next) this.#beginAgain(offset)
    this.#offsets.push(offset)
    this.#next = offset + 1
    if (this.#inherited === null) return
    this.#unasked += 1
    if (this.#inherited.has(offset)) this.#close(offset)
  }

  /** Whether any offset from `offset` on may have been finished before this assignment. */
  inheritsFrom(offset: number): boolean {
    if (this.#former !== null) return true
    if (this.#inherited === null) return false
    if (this.#unasked > 0 || this.#inherited.end > offset) return true
    this.#inherited = null
    return false
  }

  /** Tracks a batch as one entry. Only valid while `inheritsFrom` is false for it. */
  arrivedWhole(from: number, to: number, count: number): ArrivedBatch {
    const batch = { from, to, count, isStale: false }
    if (from < this.#next) this.#beginAgain(from)
    this.#offsets.push(from)
    this.#batches.set(from, batch)
    this.#more += count - 1
    this.#next = to
    return batch
  }

  finishedWhole(batch: ArrivedBatch): void {
    if (!batch.isStale) this.#close(batch.from)
  }

  /** Replaces the batch by its records, which are all unfinished. @param offsets ascending */
  split(batch: ArrivedBatch, offsets: readonly number[]): void {
    const own = batch.isStale ? [] : offsets.filter((offset) => offset < batch.to)
    for (const offset of offsets.slice(own.length)) this.#stale.add(offset)
    if (batch.isStale) return
    const index = this.#offsets.indexOf(batch.from, this.#head)
    this.#forget(batch)
    const before = this.#offsets.slice(this.#head, index)
    this.#offsets = before.concat(own, this.#offsets.slice(index + 1))
    this.#head = 0
    // If an empty batch was at the front, records behind it may be finished.
    if (own.length === 0) this.#pass()
  }

  /**
   * Whether an offset that arrived was finished before this assignment. Call once for each offset,
   * in the order of arrival.
   */
  wasFinished(offset: number): boolean {
    if (this.#former !== null) return this.#wasFinishedFormerly(this.#former, offset)
    if (this.#inherited === null) return false
    this.#unasked -= 1
    const found = this.#inherited.has(offset)
    if (this.#inherited.end <= offset + 1) this.#inherited = null
    return found
  }

  /**
   * Continues at `offset`: the topic was recreated, or truncated there. Inherited offsets are void,
   * even if none has arrived yet.
   */
  restart(offset: number): void {
    this.#beginAgain(offset)
    this.#next = offset
  }

  /** Offsets from `offset` on will arrive again; those already finished are remembered. */
  goBack(offset: number): void {
    const finished = this.finishedAbove().filter(({ from }) => from >= offset)
    this.restart(offset)
    this.#inherited = createInherited(finished)
    this.#unasked = 0
  }

  /**
   * Nothing below `offset` will arrive any more: control records, or a range deleted by retention.
   */
  advance(offset: number): void {
    if (offset > this.#next) this.#next = offset
  }

  finished(offset: number): void {
    if (!this.#settled.take(offset)) this.#finish(offset)
  }

  /**
   * The record is finished already, because a store has it with its offset. `finished` follows for
   * it and changes nothing.
   */
  settle(offset: number): void {
    this.#finish(offset)
    this.#settled.add(offset)
  }

  /** How far it would be if these records that arrived were finished, too. */
  preview(offsets: Iterable<number>): FinishedState {
    const also = new Set(offsets)
    // The first to finish is taken for the record of the old topic.
    for (const offset of also) if (this.#stale.has(offset)) also.delete(offset)
    const isFinished = (offset: number) => this.#gaps.has(offset) || also.has(offset)
    let index = this.#head
    while (index < this.#offsets.length && isFinished(this.#offsets[index] ?? 0)) index += 1
    const next = this.#offsets[index] ?? this.#next
    return { next, finished: this.#rangesFrom(index, isFinished) }
  }

  /** Finished ranges at or above the committable offset, ascending. */
  finishedAbove(): OffsetRange[] {
    const first = this.#gaps.size > 0 ? this.#head : this.#offsets.length
    return this.#rangesFrom(first, (offset) => this.#gaps.has(offset))
  }

  #rangesFrom(first: number, isFinished: (offset: number) => boolean): OffsetRange[] {
    const ranges: OffsetRange[] = []
    let from: number | null = null
    let to = 0
    for (let index = first; index < this.#offsets.length; index++) {
      const offset = this.#offsets[index] ?? 0
      if (isFinished(offset)) {
        // Offsets between two that arrived will never come, so one range covers them.
        from ??= offset
        to = this.#batches.get(offset)?.to ?? offset + 1
      } else if (from !== null) {
        ranges.push({ from, to })
        from = null
      }
    }
    if (from !== null) ranges.push({ from, to })
    return [...ranges, ...(this.#inherited?.from(this.#next) ?? [])]
  }

  #finish(offset: number): void {
    // The first to finish is taken for the record of the old topic, never for the new one.
    if (!this.#stale.take(offset)) this.#close(offset)
  }

  #wasFinishedFormerly(former: { inherited: Inherited; left: number }, offset: number): boolean {
    former.left -= 1
    if (former.left === 0) this.#former = null
    return former.inherited.has(offset)
  }

  #close(offset: number): void {
    if (this.#offsets[this.#head] !== offset) {
      this.#gaps.add(offset)
      this.#gapChanges += 1
      return
    }
    this.#shift(offset)
    this.#pass()
  }

  /** Drops finished offsets at the front. */
  #pass(): void {
    while (this.#gaps.size > 0) {
      const lowest = this.#offsets[this.#head]
      if (lowest === undefined || !this.#gaps.delete(lowest)) break
      this.#shift(lowest)
    }
    this.#trim()
  }

  #shift(offset: number): void {
    this.#head += 1
    if (this.#batches.size === 0) return
    const batch = this.#batches.get(offset)
    if (batch !== undefined) this.#forget(batch)
  }

  #forget({ from, count }: ArrivedBatch): void {
    this.#batches.delete(from)
    this.#more -= count - 1
  }

  /**
   * Records in flight at or above `offset` share their offsets with other records from now on, and
   * must not finish those. Inherited offsets do not apply to the new topic; they still apply to
   * records of the old one that have not been asked for.
   */
  #beginAgain(offset: number): void {
    if (this.#inherited !== null && this.#unasked > 0) {
      this.#former = { inherited: this.#inherited, left: this.#unasked }
    }
    this.#inherited = null
    const kept = this.#offsets.slice(this.#head).filter((each) => each < offset)
    for (const each of this.#offsets.slice(this.#head + kept.length)) {
      const batch = this.#batches.get(each)
      if (batch !== undefined) {
        batch.isStale = true
        this.#forget(batch)
      }
      if (!this.#gaps.delete(each) && batch === undefined) this.#stale.add(each)
    }
    const last = this.#batches.get(kept.at(-1) ?? Number.NaN)
    if (last !== undefined) last.to = Math.min(last.to, offset)
    this.#offsets = kept
    this.#head = 0
  }

  /** Frees the finished front, in constant time on average. */
  #trim(): void {
    if (this.#head === this.#offsets.length) {
      this.#offsets.length = 0
      this.#head = 0
    } else if (this.#head >= 1024 && this.#head * 2 >= this.#offsets.length) {
      this.#offsets = this.#offsets.slice(this.#head)
      this.#head = 0
    }
  }
}
