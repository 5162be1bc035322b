import type { Seat } from './board.ts'

/** Members by their load. A load that changes by one costs one exchange, not another sorting. */
export interface LoadOrder {
  /** The member with the least partitions of those that pass. */
  lowest(passes: (seat: Seat) => boolean): Seat | undefined
  /** The member with the most partitions of those that pass, if it has `least` or more. */
  highest(passes: (seat: Seat) => boolean, least: number): Seat | undefined
  highestLoad(): number
  /** Its load is one less than it was. */
  fell(seat: Seat): void
  /** Its load is one more than it was. */
  rose(seat: Seat): void
}

export function createLoadOrder(seats: readonly Seat[]): LoadOrder {
  // A stable sort: equals stay in the order of the members, so that all is the same each time.
  const order = [...seats].sort((one, other) => one.load - other.load)
  const places = new Map(order.map((seat, place) => [seat, place]))
  /** For each load: where the members with that load or more begin. */
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
