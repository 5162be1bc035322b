import { type Board, newlyTaken, release, type Seat, take } from './board.ts'
import { createLoadOrder, type LoadOrder } from './load-order.ts'

/**
 * Moves single partitions from members to subscribers with at least two fewer, until there is no
 * such pair. First it moves only partitions that the giver did not own before, which costs no real
 * move. Each step evens the counts, so the loop ends.
 */
export function level(board: Board): void {
  const order = createLoadOrder(board.seats)
  // Usually few members have such a partition, so the others are not searched each time.
  const givers = new Set(board.seats.filter(hasNew))
  levelWith(board, order, {
    gives: (seat) => givers.has(seat),
    givesOf: (seat, topic) => newlyTaken(seat, topic) > 0,
    moved(...seats) {
      for (const seat of seats) {
        if (hasNew(seat)) givers.add(seat)
        else givers.delete(seat)
      }
    },
  })
  levelWith(board, order, { gives: () => true, givesOf: () => true, moved: () => {} })
}

function hasNew(seat: Seat): boolean {
  for (const topic of seat.counts.keys()) if (newlyTaken(seat, topic) > 0) return true
  return false
}

interface Givers {
  gives(seat: Seat): boolean
  givesOf(seat: Seat, topic: number): boolean
  moved(giver: Seat, taker: Seat): void
}

function levelWith(board: Board, order: LoadOrder, givers: Givers): void {
  const stuck = new Set<Seat>()
  let movedSince = false
  for (;;) {
    const taker = order.lowest((seat) => !stuck.has(seat))
    if (taker === undefined || order.highestLoad() < taker.load + 2) {
      // A member that was stuck may be able to take from one that has just received a partition.
      if (!movedSince || stuck.size === 0) return
      stuck.clear()
      movedSince = false
      continue
    }
    if (takeOne(board, order, taker, givers)) movedSince = true
    else stuck.add(taker)
  }
}

function takeOne(board: Board, order: LoadOrder, taker: Seat, givers: Givers): boolean {
  let topic: number | undefined
  const giver = order.highest((seat) => {
    topic = givers.gives(seat) ? sharedTopic(seat, taker, givers) : undefined
    return topic !== undefined
  }, taker.load + 2)
  if (giver === undefined || topic === undefined) return false
  release(board, giver, topic)
  order.fell(giver)
  take(board, taker, topic)
  order.rose(taker)
  givers.moved(giver, taker)
  return true
}

/**
 * A topic of the giver that the taker subscribes to: preferably one that the giver did not own or
 * the taker did, then the one that the giver has most of.
 */
function sharedTopic(giver: Seat, taker: Seat, givers: Givers): number | undefined {
  let chosen: number | undefined
  let best = Number.NEGATIVE_INFINITY
  for (const [topic, count] of giver.counts) {
    if (!taker.topics.has(topic) || !givers.givesOf(giver, topic)) continue
    const spared = (newlyTaken(giver, topic) > 0 ? 1 : 0) + (newlyTaken(taker, topic) < 0 ? 1 : 0)
    const worth = spared * 1e9 + count
    if (worth > best || (worth === best && topic < (chosen ?? -1))) {
      best = worth
      chosen = topic
    }
  }
  return chosen
}
