export interface BatcherOptions<Item> {
  /** Resolves when all items are stored durably. At most `writers` calls at a time. */
  write(items: readonly Item[]): Promise<void>
  /** Bytes, as counted for `maxBytes`. */
  sizeOf(item: Item): number
  /** What an item counts for `maxItems`. Default: 1. */
  countOf?(item: Item): number
  /** Maximum number of items, and their bytes, per write; a single item may be larger. */
  readonly maxItems: number
  readonly maxBytes: number
  /** Maximum milliseconds that an item waits for others. Default: 0. */
  readonly within?: number
  /** Maximum writes at a time. With 1, items are written in their order. Default: 1. */
  readonly writers?: number
  /**
   * Whether a failed write may be the fault of one item: then the halves are written, until that
   * item is alone, so that it does not fail the others.
   */
  isolates?(error: unknown): boolean
  /** Whether the failure of a write is that of all waiting items, too: the target is away. */
  failsAll?(error: unknown): boolean
}

export interface Batcher<Item> {
  /** Resolves when the item is stored durably. */
  add(item: Item): Promise<void>
  /** Writes what waits. Resolves when nothing waits and no write is in progress. */
  idle(): Promise<void>
}

interface Waiting<Item> {
  readonly item: Item
  readonly bytes: number
  readonly count: number
  /** Monotonic, milliseconds. */
  readonly since: number
  readonly done: PromiseWithResolvers<void>
}

/**
 * Groups items into writes: those that arrive during a write, and with `within` those of that time,
 * share the next one.
 */
export function createBatcher<Item>(options: BatcherOptions<Item>): Batcher<Item> {
  const { write, sizeOf, countOf = () => 1, maxItems, maxBytes } = options
  const { within = 0, writers = 1, isolates = () => false, failsAll = () => false } = options
  const running = new Set<Promise<void>>()
  let queue: Array<Waiting<Item>> = []
  let count = 0
  let bytes = 0
  let timer: NodeJS.Timeout | null = null
  let isClosing = false

  function begin(): void {
    while (queue.length > 0 && running.size < writers) {
      const wait = isClosing || count >= maxItems || bytes >= maxBytes ? 0 : remaining()
      if (wait > 0) {
        timer ??= setTimeout(() => {
          timer = null
          begin()
        }, wait)
        return
      }
      stopWaiting()
      const run = runOne().finally(() => {
        running.delete(run)
        begin()
      })
      running.add(run)
      // The next writer is for what this one leaves.
      if (within === 0) return
    }
  }

  function stopWaiting(): void {
    if (timer !== null) clearTimeout(timer)
    timer = null
  }

  function remaining(): number {
    const since = queue[0]?.since ?? 0
    return within === 0 ? 0 : Math.ceil(since + within - performance.now())
  }

  async function runOne(): Promise<void> {
    // Items of the same turn of the event loop share the first write as well.
    if (within === 0) await Promise.resolve()
    const batch = take()
    if (batch.length > 0) await writeBatch(batch)
  }

  function take(): Array<Waiting<Item>> {
    let taken = 0
    let counted = 0
    let size = 0
    for (const waiting of queue) {
      const isFull = counted + waiting.count > maxItems || size + waiting.bytes > maxBytes
      if (taken > 0 && isFull) break
      taken += 1
      counted += waiting.count
      size += waiting.bytes
    }
    count -= counted
    bytes -= size
    return queue.splice(0, taken)
  }

  async function writeBatch(batch: ReadonlyArray<Waiting<Item>>): Promise<void> {
    try {
      await write(batch.map(({ item }) => item))
      for (const { done } of batch) done.resolve()
    } catch (error) {
      if (batch.length > 1 && isolates(error)) {
        const middle = Math.ceil(batch.length / 2)
        await writeBatch(batch.slice(0, middle))
        await writeBatch(batch.slice(middle))
        return
      }
      for (const { done } of batch) done.reject(error)
      if (failsAll(error)) rejectWaiting(error)
    }
  }

  function rejectWaiting(error: unknown): void {
    const all = queue
    queue = []
    count = 0
    bytes = 0
    for (const { done } of all) done.reject(error)
  }

  return {
    add(item) {
      const done = Promise.withResolvers<void>()
      const waiting = { item, bytes: sizeOf(item), count: countOf(item), since: performance.now() }
      queue.push({ ...waiting, done })
      count += waiting.count
      bytes += waiting.bytes
      begin()
      return done.promise
    },
    async idle() {
      isClosing = true
      stopWaiting()
      begin()
      while (running.size > 0) await Promise.race(running)
      isClosing = false
    },
  }
}
