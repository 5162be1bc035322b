export interface BatcherOptions<Item> {
  /** Resolves when all items are stored durably. One call at a time. */
  write(items: readonly Item[]): Promise<void>
  /** Bytes, as counted for `maxBytes`. */
  sizeOf(item: Item): number
  /** Maximum number of items, and their bytes, per write; a single item may be larger. */
  readonly maxItems: number
  readonly maxBytes: number
  /**
   * Whether a failed write may be the fault of one item: then each item is written alone, so that
   * it does not fail the others.
   */
  isolates?(error: unknown): boolean
}

export interface Batcher<Item> {
  /** Resolves when the item is stored durably. */
  add(item: Item): Promise<void>
  /** Resolves when no write is in progress. */
  idle(): Promise<void>
}

interface Waiting<Item> {
  readonly item: Item
  readonly bytes: number
  readonly done: PromiseWithResolvers<void>
}

/** Groups items that arrive during a write into the next one: one sync or request for many. */
export function createBatcher<Item>(options: BatcherOptions<Item>): Batcher<Item> {
  const { write, sizeOf, maxItems, maxBytes, isolates = () => false } = options
  const queue: Array<Waiting<Item>> = []
  let running: Promise<void> | null = null

  async function run(): Promise<void> {
    // Items of the same turn of the event loop share the first write as well.
    await Promise.resolve()
    while (queue.length > 0) await writeBatch(take())
    running = null
  }

  function take(): Array<Waiting<Item>> {
    let count = 0
    let bytes = 0
    for (const waiting of queue) {
      bytes += waiting.bytes
      if (count === maxItems || (count > 0 && bytes > maxBytes)) break
      count += 1
    }
    return queue.splice(0, count)
  }

  async function writeBatch(batch: ReadonlyArray<Waiting<Item>>): Promise<void> {
    try {
      await write(batch.map(({ item }) => item))
      for (const { done } of batch) done.resolve()
    } catch (error) {
      if (batch.length > 1 && isolates(error)) {
        for (const waiting of batch) await writeBatch([waiting])
      } else {
        for (const { done } of batch) done.reject(error)
      }
    }
  }

  return {
    add(item) {
      const done = Promise.withResolvers<void>()
      queue.push({ item, bytes: sizeOf(item), done })
      running ??= run()
      return done.promise
    },
    async idle() {
      await running
    },
  }
}
