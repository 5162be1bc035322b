import type { Assignor, GroupAssignment, MemberSubscription, TopicPartitions } from './assignor.ts'
import { type Board, createBoard, deal, release, type Seat, take } from './board.ts'
import { level } from './level.ts'

/** Even first, then with as few moves as that allows. Members give up everything before they join. */
export const sticky: Assignor = { name: 'sticky', protocol: 'eager', assign: assignSticky }

/**
 * Balanced as Kafka's sticky assignors: where all members subscribe to the same topics, their counts
 * differ by one at most; else no partition could go to a subscriber that has two fewer or less than
 * its owner. Beyond Kafka's: each member gets about the same share of each topic, as far as that costs
 * no move, since topics differ in traffic.
 */
export function assignSticky(
  members: readonly MemberSubscription[],
  partitions: TopicPartitions,
): GroupAssignment {
  const board = createBoard(members, partitions)
  if (board.equal) spread(board)
  else {
    fill(board)
    level(board)
  }
  return deal(board)
}

/** Of equal subscribers: each keeps its quota at most, and what is left fills the others up to it. */
function spread(board: Board): void {
  const { seats, topics } = board
  if (seats.length === 0) return
  const total = topics.reduce((sum, { partitions }) => sum + partitions.length, 0)
  const floor = Math.floor(total / seats.length)
  let oneMore = total % seats.length
  for (const seat of seats) {
    // One more goes first to those that have it already: so nothing moves for it.
    const quota = seat.load > floor && oneMore > 0 ? floor + 1 : floor
    if (quota > floor) oneMore--
    while (seat.load > quota) release(board, seat, mostAboveShare(board, seat))
  }

  for (const [topic, row] of topics.entries()) {
    const has = Int32Array.from(seats, ({ counts }) => counts.get(topic) ?? 0)
    while (row.free > 0) {
      let chosen = -1
      for (const [index, { load }] of seats.entries()) {
        if (load > floor || (load === floor && oneMore === 0)) continue
        const fewer = (has[index] ?? 0) - (has[chosen] ?? Number.POSITIVE_INFINITY)
        if (fewer < 0 || (fewer === 0 && load < (seats[chosen]?.load ?? 0))) chosen = index
      }
      const seat = seats[chosen]
      if (seat === undefined) return
      if (seat.load === floor) oneMore--
      take(board, seat, topic)
      has[chosen] = (has[chosen] ?? 0) + 1
    }
  }
}

/** The topic of which the member has most above its fair share. */
function mostAboveShare({ seats, topics }: Board, seat: Seat): number {
  let chosen = -1
  let most = Number.NEGATIVE_INFINITY
  for (const [topic, count] of seat.counts) {
    const above = count * seats.length - (topics[topic]?.partitions.length ?? 0)
    // Of equals the last by name: the same whatever order the claims came in.
    if (above > most || (above === most && topic > chosen)) {
      most = above
      chosen = topic
    }
  }
  return chosen
}

/**
 * Free partitions to the subscriber that has least. Topics with few subscribers come first: their
 * partitions have the least choice.
 */
function fill(board: Board): void {
  const { seats, topics } = board
  const order = [...topics.keys()].sort((one, other) => {
    const fewer = (topics[one]?.subscribers.length ?? 0) - (topics[other]?.subscribers.length ?? 0)
    return fewer === 0 ? one - other : fewer
  })
  for (const topic of order) {
    const row = topics[topic]
    while (row !== undefined && row.free > 0) {
      let chosen: Seat | undefined
      for (const index of row.subscribers) {
        const seat = seats[index]
        if (seat === undefined) continue
        const fewer = seat.load - (chosen?.load ?? Number.POSITIVE_INFINITY)
        if (fewer < 0 || (fewer === 0 && countOf(seat, topic) < countOf(chosen, topic))) {
          chosen = seat
        }
      }
      if (chosen === undefined) return
      take(board, chosen, topic)
    }
  }
}

function countOf(seat: Seat | undefined, topic: number): number {
  return seat?.counts.get(topic) ?? 0
}
