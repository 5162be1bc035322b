import type { Assignor, GroupAssignment, MemberSubscription, TopicPartitions } from './assignor.ts'
import { type Board, createBoard, deal, release, type Seat, take } from './board.ts'
import { level } from './level.ts'

/**
 * Balance comes first, then as few moves as possible. Members give up everything before they join.
 */
export const sticky: Assignor = { name: 'sticky', protocol: 'eager', assign: assignSticky }

/**
 * Balanced like Kafka's sticky assignors. If all members subscribe to the same topics, their counts
 * differ by at most one; otherwise no partition could move to a subscriber with at least two fewer
 * than its owner. Unlike Kafka's, each member also gets about the same share of each topic if that
 * costs no move, because topics differ in traffic.
 */
export function assignSticky(
  members: readonly MemberSubscription[],
  partitions: TopicPartitions,
): GroupAssignment {
  // A member about to leave claims no topics: the others are balanced as if it were gone.
  const wanting = members.filter(({ topics }) => topics.length > 0)
  const board = createBoard(wanting, partitions)
  if (board.equal) spread(board)
  else {
    fill(board)
    level(board)
  }
  const assignment = deal(board)
  for (const { memberId } of members) {
    if (!assignment.has(memberId)) assignment.set(memberId, new Map())
  }
  return assignment
}

/**
 * For equal subscriptions: each member keeps at most its quota, and the rest fills the others up.
 */
function spread(board: Board): void {
  const { seats, topics } = board
  if (seats.length === 0) return
  const total = topics.reduce((sum, { partitions }) => sum + partitions.length, 0)
  const floor = Math.floor(total / seats.length)
  let oneMore = total % seats.length
  for (const seat of seats) {
    // The extra partition goes to members that already have it, so that nothing moves.
    const quota = seat.load > floor && oneMore > 0 ? floor + 1 : floor
    if (quota > floor) oneMore--
    while (seat.load > quota) release(board, seat, mostAboveShare(board, seat))
  }

  const hasRoom = ({ load }: Seat) => load < floor || (load === floor && oneMore > 0)
  for (const topic of topics.keys()) {
    const open = seats.filter(hasRoom)
    giveOut(board, topic, open, {
      before: (one, other) => one.has - other.has || one.seat.load - other.seat.load,
      hasRoom,
      taken: (seat) => {
        if (seat.load > floor) oneMore--
      },
    })
  }
}

/** The topic that exceeds the member's fair share most. */
function mostAboveShare({ seats, topics }: Board, seat: Seat): number {
  let chosen = -1
  let most = Number.NEGATIVE_INFINITY
  for (const [topic, count] of seat.counts) {
    const above = count * seats.length - (topics[topic]?.partitions.length ?? 0)
    // Ties go to the last name, so the order of claims does not matter.
    if (above > most || (above === most && topic > chosen)) {
      most = above
      chosen = topic
    }
  }
  return chosen
}

/**
 * Gives free partitions to the subscriber with the fewest. Topics with few subscribers come first,
 * because their partitions have the least choice.
 */
function fill(board: Board): void {
  const { seats, topics } = board
  const order = [...topics.keys()].sort((one, other) => {
    const fewer = (topics[one]?.subscribers.length ?? 0) - (topics[other]?.subscribers.length ?? 0)
    return fewer === 0 ? one - other : fewer
  })
  for (const topic of order) {
    const open = topics[topic]?.subscribers.flatMap((index) => seats[index] ?? []) ?? []
    giveOut(board, topic, open, {
      before: (one, other) => one.seat.load - other.seat.load || one.has - other.has,
      hasRoom: () => true,
      taken: () => {},
    })
  }
}

interface Candidate {
  readonly seat: Seat
  /** The member's partitions of the topic. */
  has: number
}

interface Rules {
  /** Negative: the first argument is served first. Ties go to the first member. */
  before(one: Candidate, other: Candidate): number
  hasRoom(seat: Seat): boolean
  taken(seat: Seat): void
}

/** Gives each free partition of the topic to the member that the rule puts first. */
function giveOut(board: Board, topic: number, seats: readonly Seat[], rules: Rules): void {
  const row = board.topics[topic]
  if (row === undefined || row.free === 0) return
  const candidates = seats.map((seat): Candidate => ({ seat, has: seat.counts.get(topic) ?? 0 }))
  while (row.free > 0) {
    let chosen: Candidate | undefined
    for (const candidate of candidates) {
      if (!rules.hasRoom(candidate.seat)) continue
      if (chosen === undefined || rules.before(candidate, chosen) < 0) chosen = candidate
    }
    if (chosen === undefined) return
    take(board, chosen.seat, topic)
    chosen.has++
    rules.taken(chosen.seat)
  }
}
