import { type KafkaRecord, recordName } from '../kernel/record.ts'
import { StreamEvent } from './streams/event.ts'
import type { Block, ChainEvent } from './types.ts'

/** Finds blocks that supersede others, in the messages that one decoder reads. */
export interface Reorgs {
  /** The events of a message, behind a `reorg` if its block is the first of another branch. */
  observe(record: KafkaRecord, events: readonly ChainEvent[]): readonly ChainEvent[]
}

/** Blocks remembered of a topic; a fork is seldom deeper than a few. */
const REMEMBERED = 1024
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

export function createReorgs(): Reorgs {
  const topics = new Map<string, Branches>()
  const revealed = new Map<string, ChainEvent>()

  function observeBlock(record: KafkaRecord, event: ChainEvent) {
    const place = recordName(record)
    const before = revealed.get(place)
    if (before !== undefined) return before
    const key = `${record.topic}/${event.chain}`
    let branches = topics.get(key)
    if (branches === undefined) {
      branches = { present: new Map(), seen: new Map(), newest: -1n }
      topics.set(key, branches)
    }
    const reorg = follow(branches, event)
    if (reorg === null) return null
    revealed.set(place, reorg)
    forgetOldest(revealed, REVEALED)
    return reorg
  }

  return {
    observe(record, events) {
      const [first] = events
      if (first?.block === undefined || first.block.hash === '') return events
      const reorg = observeBlock(record, first)
      return reorg === null ? events : [reorg, ...events]
    },
  }
}

/** Adds the block of the event; the `reorg` if it begins another branch. */
function follow(branches: Branches, event: ChainEvent): ChainEvent | null {
  const { present, seen, newest } = branches
  const block = event.block as Block
  const { number, hash, parent } = block
  // Blocks come in several messages, which come in any order.
  if (seen.has(hash) || number < newest - BigInt(REMEMBERED)) return null
  seen.set(hash, block)
  forgetOldest(seen, 2 * REMEMBERED)
  const isLate = number <= newest
  const before = present.get(number - 1n)
  const isOther = before !== undefined && parent !== '' && before !== parent
  const sibling = present.get(number)
  // Of a branch that was left, or of one whose beginning is still to come.
  if (isLate && isOther && (sibling === undefined || seen.has(parent))) return null
  const from = present.size === 0 ? null : switchTo(block, branches)
  if (from !== null) for (const one of present.keys()) if (one > number) present.delete(one)
  if (!isLate || from !== null) branches.newest = number
  forgetOldest(present, REMEMBERED)
  present.set(number, hash)
  return from === null ? null : reorgOf(event, from.hash, Number(newest - from.number) + 1)
}

/** Makes the branch of a block the present one; the first block that is superseded, if any. */
function switchTo(
  block: Block,
  { present, seen }: Branches,
): { hash: string; number: bigint } | null {
  let first: { hash: string; number: bigint } | null = null
  for (let one = block; ; ) {
    const { number, hash, parent } = one
    const sibling = present.get(number)
    if (sibling !== undefined && sibling !== hash) first = { hash: sibling, number }
    present.set(number, hash)
    const before = present.get(number - 1n)
    if (before === undefined || parent === '' || before === parent) return first
    const known = seen.get(parent)
    if (known === undefined || known.number !== number - 1n) {
      present.set(number - 1n, parent)
      return { hash: before, number: number - 1n }
    }
    one = known
  }
}

function reorgOf(event: ChainEvent, from: string, depth: number): ChainEvent {
  const { chain, time, block } = event
  const to = block?.hash ?? ''
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
    reorg: { from, to, depth },
  })
}

function forgetOldest<Key>(map: Map<Key, unknown>, most: number): void {
  for (const key of map.keys()) {
    if (map.size <= most) return
    map.delete(key)
  }
}
