/** Items that become due a fixed time after they were added, with one timer for all. */
export interface TimeoutQueue<Item> {
  /** @param now monotonic milliseconds. */
  add(item: Item, now: number): void
  /** False: it is not in the queue, or was already due. */
  delete(item: Item): boolean
  /** Items that are not due yet. */
  readonly items: Iterable<Item>
}

/**
 * One timer for all items, because a timer per record would cost as much as a quick handler.
 *
 * @param delay milliseconds. @param due called once for each item that was not deleted in time.
 */
export function createTimeoutQueue<Item>(
  delay: number,
  due: (item: Item) => void,
): TimeoutQueue<Item> {
  /** When each item is due, monotonic milliseconds. Insertion order is also due order. */
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
      // An empty queue must not keep an otherwise idle process alive.
      if (isDeleted && items.size === 0) timer?.unref()
      return isDeleted
    },
  }
}
