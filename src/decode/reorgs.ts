import { forgetOldest } from '../kernel/forget-oldest.ts'
import { REDRIVES_HEADER } from '../kernel/shapes/dead-letter.ts'
import { type KafkaRecord, recordName } from '../kernel/shapes/record.ts'
import { StreamEvent } from './streams/event.ts'
import type { Block, BlockName, ChainEvent } from './types.ts'

/** Finds blocks that supersede others, in the messages that one decoder reads. */
export interface Reorgs {
  /**
   * The events of a message, behind a `reorg` if its block is the first of another branch. If its
   * block is already superseded, they say so.
   */
  observe(record: KafkaRecord, events: readonly ChainEvent[]): readonly ChainEvent[]
}

/** Blocks remembered of a topic; a fork is seldom deeper than a few. */
export const REMEMBERED = 1024
/** Records that revealed a fork: a record that is read again reveals it again. */
const REVEALED = 256

/** A topic of one chain. */
interface Branches {
  /** The block of each number on the present branch. */
  readonly present: Map<bigint, string>
  /** Every block, of all branches. */
  readonly seen: Map<string, Block>
  newest: bigint
}

/** The blocks that change sides when another branch becomes the present one. */
interface Switch {
  readonly superseded: BlockName[]
  readonly restored: BlockName[]
}

export function createReorgs(): Reorgs {
  const topics = new Map<string, Branches>()
  const revealed = new Map<string, ChainEvent>()

  function branchesOf(key: string): Branches {
    const known = topics.get(key)
    if (known !== undefined) return known
    const branches = { present: new Map(), seen: new Map(), newest: -1n }
    topics.set(key, branches)
    return branches
  }

  function observeBlock(record: KafkaRecord, event: ChainEvent, branches: Branches) {
    const place = recordName(record)
    const before = revealed.get(place)
    if (before !== undefined) return before
    const reorg = follow(branches, event)
    if (reorg === null) return null
    revealed.set(place, reorg)
    forgetOldest(revealed, REVEALED)
    return reorg
  }

  return {
    observe(record, events) {
      const [first] = events
      const block = first?.block
      if (first === undefined || block === undefined || block.hash === '') return events
      const branches = branchesOf(`${record.topic}/${first.chain}`)
      // A parked or redriven record comes after what followed its block. If this process has not seen
      // the block before, it would look like the first of another branch.
      const isRedriven = record.headers?.[REDRIVES_HEADER] !== undefined
      const isInPlace = record.parked === undefined && !isRedriven
      const reorg = isInPlace
        ? observeBlock(record, first, branches)
        : (revealed.get(recordName(record)) ?? null)
      const own = withSuccessor(events, successorOf(block, branches))
      return reorg === null ? own : [reorg, ...own]
    },
  }
}

/** Adds the block of the event; the `reorg` if it begins another branch. */
function follow(branches: Branches, event: ChainEvent): ChainEvent | null {
  const { present, seen, newest } = branches
  const block = event.block as Block
  const { number, hash, parent } = block
  // Blocks come in several messages, which come in any order.
  if (seen.has(hash) || isForgotten(number, newest)) return null
  seen.set(hash, block)
  forgetOldest(seen, 2 * REMEMBERED)
  const isLate = number <= newest
  const before = present.get(number - 1n)
  const isOther = before !== undefined && parent !== '' && before !== parent
  const sibling = present.get(number)
  // Of a branch that was left, or of one whose beginning is still to come. Not one that is known to be
  // of the present branch, because what follows it came first.
  const isLeft = sibling === undefined || (sibling !== hash && seen.has(parent))
  if (isLate && isOther && isLeft) return null
  const change = switchTo(block, branches)
  // What follows its own hash came before it, and is of its branch.
  if (change.superseded.length > 0 && sibling !== hash) {
    for (const [above, other] of present) {
      if (above <= number) continue
      change.superseded.push({ number: above, hash: other })
      present.delete(above)
    }
    branches.newest = number
  }
  if (!isLate) branches.newest = number
  forgetOldest(present, REMEMBERED)
  return change.superseded.length === 0 ? null : reorgOf(event, change, newest)
}

/** Makes the branch of a block the present one. */
function switchTo(block: Block, { present, seen }: Branches): Switch {
  const superseded: BlockName[] = []
  const restored: BlockName[] = []
  const put = ({ number, hash }: BlockName) => {
    const sibling = present.get(number)
    if (sibling !== undefined && sibling !== hash) superseded.push({ number, hash: sibling })
    present.set(number, hash)
  }
  for (let one = block; ; ) {
    put(one)
    const number = one.number - 1n
    const { parent: hash } = one
    const before = present.get(number)
    if (before === undefined || hash === '' || before === hash) return { superseded, restored }
    restored.push({ number, hash })
    const known = seen.get(hash)
    if (known === undefined || known.number !== number) {
      put({ number, hash })
      return { superseded, restored }
    }
    one = known
  }
}

/** The block in the place of one that is not of the present branch; null: it is, as far as is known. */
function successorOf(block: Block, { present, newest }: Branches): string | null {
  const { number, hash, parent } = block
  if (isForgotten(number, newest)) return null
  const sibling = present.get(number)
  if (sibling !== undefined) return sibling === hash ? null : sibling
  const before = present.get(number - 1n)
  return before === undefined || parent === '' || before === parent ? null : before
}

function isForgotten(number: bigint, newest: bigint): boolean {
  return number < newest - BigInt(REMEMBERED)
}

function withSuccessor(
  events: readonly ChainEvent[],
  supersededBy: string | null,
): readonly ChainEvent[] {
  if (supersededBy === null) return events
  return events.map((event) => {
    const { block } = event
    return block === undefined
      ? event
      : new StreamEvent({ ...event, block: { ...block, supersededBy } })
  })
}

function reorgOf(event: ChainEvent, { superseded, restored }: Switch, newest: bigint): ChainEvent {
  const { chain, time, block } = event
  const to = block?.hash ?? ''
  superseded.sort(byNumber)
  restored.sort(byNumber)
  const [{ number, hash: from } = { number: newest, hash: '' }] = superseded
  return new StreamEvent({
    id: `reorg:${from}:${to}`,
    chain,
    kind: 'reorg',
    time,
    from: null,
    to: null,
    addresses: [],
    asset: null,
    amount: null,
    success: true,
    ...(block !== undefined && { block }),
    reorg: { from, to, depth: Number(newest - number) + 1, superseded, restored },
  })
}

function byNumber(one: BlockName, other: BlockName): number {
  return one.number < other.number ? -1 : 1
}
