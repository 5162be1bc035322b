import type { Seat } from './board.ts'

/** Members ordered by load. A load that changes by one costs one swap, not a new sort. */
export interface LoadOrder {
  /** The member with the fewest partitions that passes. */
  lowest(passes: (seat: Seat) => boolean): Seat | undefined
  /** The member with the most partitions that passes, if it has at least `least`. */
  highest(passes: (seat: Seat) => boolean, least: number): Seat | undefined
  highestLoad(): number
  /** Its load has decreased by one. */
  fell(seat: Seat): void
  /** Its load has increased by one. */
  rose(seat: Seat): void
}

export function createLoadOrder(seats: readonly Seat[]): LoadOrder {
  // A stable sort: equal members keep their order, so the result is deterministic.
  const order = [...seats].sort((one, other) => one.load - other.load)
  const places = new Map(order.map((seat, place) => [seat, place]))
  /** For each load, the index of the first member with that load or more. */
  const starts: number[] = []
  for (const [place, { load }] of order.entries()) {
    while (starts.length <= load) starts.push(place)
  }

  const exchange = (seat: Seat, place: number) => {
    const from = places.get(seat) ?? place
    const other = order[place] ?? seat
    order[place] = seat
    places.set(seat, place)
    order[from] = other
    places.set(other, from)
  }

  return {
    lowest: (passes) => order.find(passes),
    highest(passes, least) {
      for (let place = order.length - 1; place >= 0; place--) {
        const seat = order[place]
        if (seat === undefined || seat.load < least) return undefined
        if (passes(seat)) return seat
      }
      return undefined
    },
    highestLoad: () => order.at(-1)?.load ?? 0,
    fell(seat) {
      const first = starts[seat.load + 1] ?? 0
      exchange(seat, first)
      starts[seat.load + 1] = first + 1
    },
    rose(seat) {
      const last = (starts[seat.load] ?? order.length) - 1
      exchange(seat, last)
      starts[seat.load] = last
    },
  }
}
