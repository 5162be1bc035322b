import { forgetOldest } from '../kernel/forget-oldest.ts'
import { REDRIVES_HEADER } from '../kernel/shapes/dead-letter.ts'
import { type KafkaRecord, recordName } from '../kernel/shapes/record.ts'
import { Branches, type Switch } from './branches.ts'
import { StreamEvent } from './streams/event.ts'
import type { BlockEvents } from './streams/message-stream.ts'
import type { ChainEvent } from './types.ts'

/** Finds blocks that supersede others, in the messages that one decoder reads. */
export interface Reorgs {
  /**
   * The events of a message, behind a `reorg` if its block is the first of another branch. If its
   * block is already superseded, they say so.
   */
  observe(record: KafkaRecord, found: BlockEvents): readonly ChainEvent[]
}

/** Records that revealed a fork: a record that is read again reveals it again. */
const REVEALED = 256
/**
 * Parts of a chain that are followed side by side: where offsets were set back, what is read again is far
 * below what is read elsewhere, or was read before. And a number that cannot be hides no other.
 */
const MOST_PARTS = 4

export function createReorgs(): Reorgs {
  /** By topic and chain; what was used last is last. */
  const topics = new Map<string, Branches[]>()
  const revealed = new Map<string, ChainEvent>()

  /** The part of the chain that a block is in, so far as it is remembered. */
  function partAt(key: string, number: bigint): Branches | null {
    const near = (topics.get(key) ?? []).filter((one) => one.reaches(number))
    return near.sort((one, other) => (one.newest > other.newest ? -1 : 1))[0] ?? null
  }

  /** The same, which is kept as the last that was used. */
  function openPart(key: string, number: bigint): Branches {
    const parts = topics.get(key) ?? []
    const part = partAt(key, number) ?? new Branches()
    if (parts.at(-1) === part) return part
    topics.set(key, [...parts.filter((one) => one !== part).slice(1 - MOST_PARTS), part])
    return part
  }

  function observeBlock(record: KafkaRecord, found: BlockEvents, branches: Branches) {
    const name = recordName(record)
    const before = revealed.get(name)
    // Offsets of a topic may begin again.
    if (before?.block?.hash === found.place.block.hash) return before
    const change = branches.follow(found.place)
    if (change === null) return null
    const reorg = reorgOf(found, change)
    revealed.set(name, reorg)
    forgetOldest(revealed, REVEALED)
    return reorg
  }

  return {
    observe(record, found) {
      const { chain, place, events } = found
      if (place.block.hash === '') return events
      const key = `${record.topic}/${chain}`
      // A parked or redriven record comes after what followed its block. If this process has not seen
      // the block before, it would look like the first of another branch.
      const isRedriven = record.headers?.[REDRIVES_HEADER] !== undefined
      const isInPlace = record.parked === undefined && !isRedriven
      const find = isInPlace ? openPart : partAt
      const part = find(key, place.block.number)
      if (part === null) return events
      const reorg = isInPlace
        ? observeBlock(record, found, part)
        : (revealed.get(recordName(record)) ?? null)
      const own = withSuccessor(events, part.successorOf(place))
      return reorg === null ? own : [reorg, ...own]
    },
  }
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

function reorgOf({ chain, place }: BlockEvents, change: Switch): ChainEvent {
  const { time, block } = place
  const { from, superseded, restored, depth } = change
  const to = block.hash
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
    block,
    reorg: { from, to, depth, superseded, restored },
  })
}
