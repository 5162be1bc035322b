import { forgetOldest } from '../kernel/forget-oldest.ts'
import type { Block, BlockName } from './types.ts'

/** Blocks remembered of a topic; a fork is seldom deeper than a few. */
export const REMEMBERED = 1024
/** The same, of numbers of blocks. */
const REACH = BigInt(REMEMBERED)

/** A block, and where the one before it is: on Solana, slots without a block are between them. */
export interface PlacedBlock {
  readonly block: Block
  /** As far as the message says: a block that was seen says it itself. */
  readonly parentNumber: bigint
}

/** The blocks that change sides when another branch becomes the present one. */
export interface Switch {
  /** The first that is superseded, also if it was not seen; empty: none is. */
  readonly from: string
  readonly superseded: BlockName[]
  readonly restored: BlockName[]
  /** Up to the newest block that was seen before. */
  readonly depth: number
}

/** The blocks of one chain, as they come: in several messages, in any order, not all of them. */
export class Branches {
  /** The block of each number on the present branch, also of one that only its successor has named. */
  readonly #present = new Map<bigint, string>()
  /** Every block, of all branches. */
  readonly #seen = new Map<string, PlacedBlock>()
  /** Blocks that were superseded before they were seen. */
  readonly #left = new Set<string>()
  #newest = -1n

  get newest(): bigint {
    return this.#newest
  }

  /** Whether blocks of this number are still remembered, or follow those that are. */
  reaches(number: bigint): boolean {
    return !this.#isForgotten(number) && number <= this.#newest + REACH
  }

  /** Adds a block; what it changes if it begins another branch, else null. */
  follow(placed: PlacedBlock): Switch | null {
    const { number, hash, parent } = placed.block
    if (this.#seen.has(hash) || this.#isForgotten(number)) return null
    this.#seen.set(hash, placed)
    forgetOldest(this.#seen, 2 * REMEMBERED)
    const newest = this.#newest
    const isLate = number <= newest
    const sibling = this.#present.get(number)
    const isLone = sibling === undefined || this.#left.has(hash)
    if (isLate && isLone && this.#rivalOf(placed) !== null) return null
    // Of a branch that was left, and not of one whose beginning is still to come. One that is known to
    // be of the present branch is not, because what follows it came first.
    const isLeft = sibling !== undefined && sibling !== hash && this.#seen.has(parent)
    if (isLate && isLeft && this.#rivalBelow(placed) !== null) return null
    const { superseded, restored } = this.#switchTo(placed)
    // What follows its own hash came before it, and is of its branch.
    if (isLate && sibling !== undefined && sibling !== hash) {
      for (const [above, other] of this.#present) {
        if (above <= number) continue
        superseded.push({ number: above, hash: other })
        this.#present.delete(above)
      }
      this.#newest = number
    }
    if (!isLate) this.#newest = number
    for (const one of superseded) if (!this.#seen.has(one.hash)) this.#left.add(one.hash)
    this.#forget()
    const known = superseded.filter((one) => this.#seen.has(one.hash))
    if (known.length + restored.length === 0) return null
    const [first] = superseded.sort(byNumber)
    return {
      from: first?.hash ?? '',
      superseded: known.sort(byNumber),
      restored: restored.sort(byNumber),
      depth: first === undefined ? 0 : Number(newest - first.number) + 1,
    }
  }

  /** The block of the present branch in the place of one that is not of it; null: it is, as far as is known. */
  successorOf(placed: PlacedBlock): string | null {
    return this.#isForgotten(placed.block.number) ? null : this.#rivalOf(placed)
  }

  /** Makes the branch of a block the present one. */
  #switchTo(placed: PlacedBlock) {
    const superseded: BlockName[] = []
    const restored: BlockName[] = []
    const put = ({ number, hash }: BlockName) => {
      const sibling = this.#present.get(number)
      if (sibling !== undefined && sibling !== hash) superseded.push({ number, hash: sibling })
      this.#present.set(number, hash)
      this.#left.delete(hash)
    }
    for (let one = placed; ; ) {
      put(one.block)
      const { parent: hash } = one.block
      const number = this.#parentNumber(one)
      if (hash === '' || this.#isForgotten(number)) return { superseded, restored }
      for (let between = one.block.number - 1n; between > number; between--) {
        const skipped = this.#present.get(between)
        if (skipped !== undefined) superseded.push({ number: between, hash: skipped })
        this.#present.delete(between)
      }
      const before = this.#present.get(number)
      if (before === hash) return { superseded, restored }
      const known = this.#seenAt(number, hash)
      if (before !== undefined || known !== undefined) restored.push({ number, hash })
      if (known === undefined) {
        put({ number, hash })
        return { superseded, restored }
      }
      one = known
    }
  }

  #rivalOf(placed: PlacedBlock): string | null {
    const { number, hash } = placed.block
    const sibling = this.#present.get(number)
    if (sibling !== undefined) return sibling === hash ? null : sibling
    return this.#rivalBelow(placed) ?? this.#rivalAbove(number)
  }

  /** The block of the present branch that is in the place of its parent, or after it. */
  #rivalBelow(placed: PlacedBlock): string | null {
    const { number, parent } = placed.block
    if (parent === '') return null
    const before = this.#parentNumber(placed)
    for (let between = number - 1n; between > before; between--) {
      const skipped = this.#present.get(between)
      if (skipped !== undefined) return skipped
      if (this.#isForgotten(between)) return null
    }
    const there = this.#present.get(before)
    if (there !== undefined) return there === parent ? null : there
    const known = this.#seenAt(before, parent)
    return known === undefined || this.#isForgotten(before) ? null : this.#rivalOf(known)
  }

  /** The next block of the present branch, if that skips this number. */
  #rivalAbove(number: bigint): string | null {
    for (let above = number + 1n; above <= this.#newest; above++) {
      const hash = this.#present.get(above)
      if (hash === undefined) continue
      const known = this.#seen.get(hash)
      return known !== undefined && this.#parentNumber(known) < number ? hash : null
    }
    return null
  }

  /** What says of itself that it is elsewhere is not followed: it might lead in a circle. */
  #seenAt(number: bigint, hash: string): PlacedBlock | undefined {
    const known = this.#seen.get(hash)
    return known?.block.number === number ? known : undefined
  }

  /** One that cannot be is not believed: everything from there on would be looked at. */
  #parentNumber({ block: { number, parent }, parentNumber }: PlacedBlock): bigint {
    const before = this.#seen.get(parent)?.block.number ?? parentNumber
    return before < number && number - before <= REACH ? before : number - 1n
  }

  #isForgotten(number: bigint): boolean {
    return number < this.#newest - REACH
  }

  /** Numbers do not come in order, so all are looked at, seldom. */
  #forget(): void {
    forgetOldest(this.#left, REMEMBERED)
    if (this.#present.size <= 2 * REMEMBERED) return
    for (const number of this.#present.keys()) {
      if (this.#isForgotten(number)) this.#present.delete(number)
    }
  }
}

function byNumber(one: BlockName, other: BlockName): number {
  return one.number < other.number ? -1 : 1
}
