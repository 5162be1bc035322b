/** Things that become due the same time after they were added, on one timer for all of them. */
export interface TimeoutQueue<Item> {
  /** @param now monotonic milliseconds. */
  add(item: Item, now: number): void
  /** False: it is not in here, or was due. */
  delete(item: Item): boolean
  /** Those that are not due. */
  readonly items: Iterable<Item>
}

/**
 * @param delay milliseconds. A timer for each record would cost as much as a quick handler.
 * @param due is called once for each item that was not deleted in time.
 */
export function createTimeoutQueue<Item>(
  delay: number,
  due: (item: Item) => void,
): TimeoutQueue<Item> {
  /** When each is due, monotonic; in the order of adding, so in the order of these times. */
  const items = new Map<Item, number>()
  let timer: NodeJS.Timeout | null = null

  function arm(milliseconds: number): void {
    timer = setTimeout(turn, Math.max(1, milliseconds))
  }

  function turn(): void {
    timer = null
    const now = performance.now()
    for (const [item, at] of items) {
      if (at > now) {
        arm(at - now)
        return
      }
      items.delete(item)
      due(item)
    }
  }

  return {
    get items() {
      return items.keys()
    },
    add(item, now) {
      items.set(item, now + delay)
      if (timer === null) arm(delay)
      else if (items.size === 1) timer.ref()
    },
    delete(item) {
      const isDeleted = items.delete(item)
      // An empty queue must not keep a process alive that has nothing else to do.
      if (isDeleted && items.size === 0) timer?.unref()
      return isDeleted
    },
  }
}
