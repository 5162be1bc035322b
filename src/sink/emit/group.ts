/** Items that come while a write is under way share the next one: a sync or a request for many. */
export interface Group<Item> {
  add(item: Item): Promise<void>
  /** Resolves when nothing is being written any more. */
  idle(): Promise<void>
}

const MOST_ITEMS = 1_000
const MOST_BYTES = 512 * 1024

interface Waiting<Item> {
  readonly item: Item
  readonly done: PromiseWithResolvers<void>
}

/**
 * @param write resolves when all are safe; one call at a time.
 * @param isolates whether the failure may be the fault of one item: then each is written alone.
 */
export function createGroup<Item>(
  write: (items: readonly Item[]) => Promise<void>,
  sizeOf: (item: Item) => number,
  isolates: (error: unknown) => boolean = () => false,
): Group<Item> {
  const queue: Array<Waiting<Item>> = []
  let running: Promise<void> | null = null

  function take(): Array<Waiting<Item>> {
    let bytes = 0
    const end = queue.findIndex(({ item }, index) => {
      bytes += sizeOf(item)
      return index > 0 && (index >= MOST_ITEMS || bytes > MOST_BYTES)
    })
    return queue.splice(0, end === -1 ? queue.length : end)
  }

  async function writeAll(batch: ReadonlyArray<Waiting<Item>>): Promise<void> {
    try {
      await write(batch.map(({ item }) => item))
      for (const { done } of batch) done.resolve()
    } catch (error) {
      if (batch.length > 1 && isolates(error)) {
        for (const one of batch) await writeAll([one])
      } else {
        for (const { done } of batch) done.reject(error)
      }
    }
  }

  async function run(): Promise<void> {
    // Those of the same turn of the event loop share the first write as well.
    await Promise.resolve()
    while (queue.length > 0) await writeAll(take())
    running = null
  }

  return {
    add(item) {
      const done = Promise.withResolvers<void>()
      queue.push({ item, done })
      running ??= run()
      return done.promise
    },
    async idle() {
      await running
    },
  }
}
