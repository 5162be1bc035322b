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
  // Who is about to leave wants nothing: the others are balanced as if it were gone already.
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
  /** Partitions of the topic that it has. */
  has: number
}

interface Rules {
  /** Negative: the one is served before the other. Of equals the first member is. */
  before(one: Candidate, other: Candidate): number
  hasRoom(seat: Seat): boolean
  taken(seat: Seat): void
}

/** The free partitions of a topic, one by one, each to whom the rules put first. */
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
