import type { OffsetRange } from '../broker/types.ts'
import { createInherited, type Inherited } from './inherited.ts'

/** A whole batch whose records are not known one by one. Made by `OffsetTracker.arrivedWhole`. */
export interface ArrivedBatch {
  /** Its first offset, whether or not a record has it. */
  readonly from: number
  /** The offset after it; lower where the offsets of another log begin in the middle of it. */
  to: number
  /** Records, at most. */
  readonly count: number
  /** Its offsets are those of a log that is gone: what becomes of it means nothing any more. */
  isStale: boolean
}

/**
 * Which records of one partition are unfinished, and so how far may be committed. Records finish
 * in any order; the committable offset has nothing unfinished below it. Offsets may have holes
 * (compaction, transaction markers): only what arrived is tracked, nothing is assumed.
 */
export class OffsetTracker {
  /** Unfinished or finished-out-of-order offsets, ascending; the live part begins at #head. */
  #offsets: number[] = []
  #head = 0
  /** Finished offsets that still wait for a lower one. */
  readonly #gaps = new Set<number>()
  /** What stands in #offsets by its first offset, for all of its records. */
  readonly #batches = new Map<number, ArrivedBatch>()
  /** Records of these, but for the one that each has in #offsets. */
  #more = 0
  /** What was finished above the committed offset before this assignment; null: nothing more. */
  #inherited: Inherited | null
  /** Arrived and not asked for with `wasFinished`; counted as long as something is inherited. */
  #unasked = 0
  /** What was inherited of a topic that was made anew since, and how many are still to be asked for. */
  #former: { readonly inherited: Inherited; left: number } | null = null
  /** Unfinished offsets of a topic that was made anew since, and how often each; null: none. */
  #stale: Map<number, number> | null = null
  #next: number
  #gapChanges = 0

  /**
   * @param start the first offset that this tracker answers for.
   * @param finished what is finished above it already, ascending.
   */
  constructor(start: number, finished: readonly OffsetRange[] = []) {
    this.#next = start
    this.#inherited = createInherited(finished)
  }

  /** Records that arrived and are not known to be finished. */
  get unfinished(): number {
    let count = this.held - this.#gaps.size
    for (const { from, count: records } of this.#batches.values()) {
      if (this.#gaps.has(from)) count -= records - 1
    }
    return count
  }

  /** Records that arrived, from the lowest unfinished one on, finished ones among them. */
  get held(): number {
    return this.#offsets.length - this.#head + this.#more
  }

  /** Everything below this offset is finished, or will never come. */
  get committable(): number {
    return this.#offsets[this.#head] ?? this.#next
  }

  /** The offset after the last one that arrived or was skipped. */
  get position(): number {
    return this.#next
  }

  /** Grows with every record that finished above an unfinished one. */
  get gapChanges(): number {
    return this.#gapChanges
  }

  /**
   * Offsets arrive in ascending order. Where a topic was made anew they begin again, below what
   * came before; see #beginAgain.
   */
  arrived(offset: number): void {
    if (offset < this.#next) this.#beginAgain(offset)
    this.#offsets.push(offset)
    this.#next = offset + 1
    if (this.#inherited === null) return
    this.#unasked += 1
    if (this.#inherited.has(offset)) this.#close(offset)
  }

  /** Whether something from `offset` on may have been finished before this assignment. */
  inheritsFrom(offset: number): boolean {
    if (this.#former !== null) return true
    if (this.#inherited === null) return false
    if (this.#unasked > 0 || this.#inherited.end > offset) return true
    this.#inherited = null
    return false
  }

  /** A batch from `from` on, as one. Only where `inheritsFrom` says that nothing was inherited. */
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

  /** Its records are known now: each is unfinished. @param offsets ascending. */
  split(batch: ArrivedBatch, offsets: readonly number[]): void {
    const own = batch.isStale ? [] : offsets.filter((offset) => offset < batch.to)
    for (const offset of offsets.slice(own.length)) this.#addStale(offset)
    if (batch.isStale) return
    const index = this.#offsets.indexOf(batch.from, this.#head)
    this.#forget(batch)
    const before = this.#offsets.slice(this.#head, index)
    this.#offsets = before.concat(own, this.#offsets.slice(index + 1))
    this.#head = 0
    // None is left of a batch at the front: what is behind it may be finished.
    if (own.length === 0) this.#pass()
  }

  /**
   * Whether an offset that arrived was finished before this assignment. Asked once for each, in the
   * order of their arrival.
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
   * Offsets go on at `offset`: a topic made anew, or cut off there. What was inherited is void, also
   * where nothing had arrived that they could go back behind.
   */
  restart(offset: number): void {
    this.#beginAgain(offset)
    this.#next = offset
  }

  /** What arrived at or above `offset` comes again: what is finished of it is known then. */
  goBack(offset: number): void {
    const finished = this.finishedAbove().filter(({ from }) => from >= offset)
    this.restart(offset)
    this.#inherited = createInherited(finished)
    this.#unasked = 0
  }

  /** Nothing below `offset` will arrive any more: control records, or a range lost to retention. */
  advance(offset: number): void {
    if (offset > this.#next) this.#next = offset
  }

  finished(offset: number): void {
    if (this.#stale !== null && this.#finishStale(offset)) return
    this.#close(offset)
  }

  /** What is finished at or above the committable offset, ascending. */
  finishedAbove(): OffsetRange[] {
    const ranges: OffsetRange[] = []
    let from: number | null = null
    let to = 0
    for (let index = this.#head; index < this.#offsets.length && this.#gaps.size > 0; index++) {
      const offset = this.#offsets[index] ?? 0
      if (this.#gaps.has(offset)) {
        // Offsets between two that arrived will never come: one range goes over them.
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

  /** What is finished at the front needs no memory. */
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
   * What is still in hand at or above `offset` has the offsets of other records now, which it must
   * not finish. Nothing of the topic before says anything about this one; it still does about the
   * records of its own that nobody has asked for yet.
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
      if (!this.#gaps.delete(each) && batch === undefined) this.#addStale(each)
    }
    const last = this.#batches.get(kept.at(-1) ?? Number.NaN)
    if (last !== undefined) last.to = Math.min(last.to, offset)
    this.#offsets = kept
    this.#head = 0
  }

  #addStale(offset: number): void {
    this.#stale ??= new Map()
    this.#stale.set(offset, (this.#stale.get(offset) ?? 0) + 1)
  }

  /** The first to finish is taken for the old one: never the other way round. */
  #finishStale(offset: number): boolean {
    const count = this.#stale?.get(offset)
    if (count === undefined) return false
    if (count > 1) this.#stale?.set(offset, count - 1)
    else this.#stale?.delete(offset)
    if (this.#stale?.size === 0) this.#stale = null
    return true
  }

  /** Gives the finished front back, at a cost that is constant on average. */
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
