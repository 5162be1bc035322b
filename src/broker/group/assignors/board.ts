import {
  compareText,
  type GroupAssignment,
  type MemberSubscription,
  sortMembers,
  type TopicPartitions,
} from './assignor.ts'
import { newestClaims } from './claims.ts'

/**
 * The state that balancing changes: how many partitions of each topic every member has. All
 * partitions of a topic weigh the same, so which ones is decided later, by `deal`.
 */
export interface Board {
  readonly seats: readonly Seat[]
  readonly topics: readonly TopicRow[]
  /** Whether all members subscribe to the same existing topics. */
  readonly equal: boolean
}

/** A member. */
export interface Seat {
  readonly memberId: string
  /** Indexes of its topics in `Board.topics`. */
  readonly topics: ReadonlySet<number>
  /** Partitions of each topic that it owned and may keep. */
  readonly claimed: Map<number, number[]>
  /** Number of its partitions by topic; no entry: none. */
  readonly counts: Map<number, number>
  /** The sum of `counts`. */
  load: number
}

/** A topic with at least one subscriber. */
export interface TopicRow {
  readonly name: string
  readonly partitions: readonly number[]
  /** Indexes in `Board.seats`. */
  readonly subscribers: number[]
  /** Partitions that no member has. */
  free: number
}

/** Every member with the partitions it owned, if the topic exists and it still subscribes to it. */
export function createBoard(
  members: readonly MemberSubscription[],
  partitions: TopicPartitions,
): Board {
  const sorted = sortMembers(members)
  const wanted = new Set(sorted.flatMap(({ topics }) => topics))
  const names = [...wanted].filter((name) => partitions.has(name)).sort(compareText)
  const indexOf = new Map(names.map((name, index) => [name, index]))
  const topics = names.map((name): TopicRow => {
    const numbers = partitions.get(name) ?? []
    return { name, partitions: numbers, subscribers: [], free: numbers.length }
  })
  const seats = sorted.map(
    (member): Seat => ({
      memberId: member.memberId,
      topics: new Set(member.topics.flatMap((name) => indexOf.get(name) ?? [])),
      claimed: new Map(),
      counts: new Map(),
      load: 0,
    }),
  )
  for (const [index, seat] of seats.entries()) {
    for (const topic of seat.topics) topics[topic]?.subscribers.push(index)
  }
  const board: Board = {
    seats,
    topics,
    equal: seats.every((seat) => seat.topics.size === topics.length),
  }

  for (const [name, claims] of newestClaims(sorted, partitions)) {
    const topic = indexOf.get(name)
    if (topic === undefined) continue
    for (const [partition, { member, contested }] of claims) {
      const seat = seats[member]
      if (contested || seat === undefined || !seat.topics.has(topic)) continue
      const claimed = seat.claimed.get(topic)
      if (claimed === undefined) seat.claimed.set(topic, [partition])
      else claimed.push(partition)
      take(board, seat, topic)
    }
  }
  return board
}

/** Gives the member one of the free partitions of the topic. */
export function take({ topics }: Board, seat: Seat, topic: number): void {
  const row = topics[topic]
  if (row === undefined) return
  row.free--
  seat.load++
  seat.counts.set(topic, (seat.counts.get(topic) ?? 0) + 1)
}

/** Takes one partition of the topic from the member. */
export function release({ topics }: Board, seat: Seat, topic: number): void {
  const row = topics[topic]
  const count = seat.counts.get(topic)
  if (row === undefined || count === undefined) return
  row.free++
  seat.load--
  if (count === 1) seat.counts.delete(topic)
  else seat.counts.set(topic, count - 1)
}

/** How many partitions of the topic the member has that it did not own before. */
export function newlyTaken(seat: Seat, topic: number): number {
  return (seat.counts.get(topic) ?? 0) - (seat.claimed.get(topic)?.length ?? 0)
}

/**
 * Turns the numbers into partitions. Each member keeps as many of its own as it may, and the rest
 * of the topic goes to members that lack some. So two members never exchange partitions of a topic.
 */
export function deal({ seats, topics }: Board): GroupAssignment {
  const assigned: GroupAssignment = new Map(seats.map(({ memberId }) => [memberId, new Map()]))
  for (const [index, topic] of topics.entries()) {
    const kept = new Set<number>()
    for (const seat of seats) {
      const count = seat.counts.get(index)
      if (count === undefined) continue
      const claimed = seat.claimed.get(index) ?? []
      const own = claimed.sort((one, other) => one - other).slice(0, count)
      for (const partition of own) kept.add(partition)
      assigned.get(seat.memberId)?.set(topic.name, own)
    }
    const rest = topic.partitions.filter((partition) => !kept.has(partition))
    let from = 0
    for (const seat of seats) {
      const own = assigned.get(seat.memberId)?.get(topic.name)
      const lacking = (seat.counts.get(index) ?? 0) - (own?.length ?? 0)
      if (own === undefined || lacking === 0) continue
      own.push(...rest.slice(from, from + lacking))
      own.sort((one, other) => one - other)
      from += lacking
    }
  }
  return assigned
}
