import type { DeadLetter } from '../../kernel/dead-letter.ts'

export interface BatcherOptions {
  /** Resolves when all of them are safe. One call at a time. */
  write(letters: readonly DeadLetter[]): Promise<void>
  /** Most letters, and bytes of keys and values, of one write; a single letter may be larger. */
  readonly maxLetters: number
  readonly maxBytes: number
  /**
   * Whether a failed write may be the fault of one letter: then each is written alone, so that it
   * takes no other with it.
   */
  isolates?(error: unknown): boolean
}

export interface Batcher {
  keep(letter: DeadLetter): Promise<void>
  /** Resolves when nothing is being written any more. */
  idle(): Promise<void>
}

interface Waiting {
  readonly letter: DeadLetter
  readonly bytes: number
  resolve(): void
  reject(error: unknown): void
}

/** Letters that come while a write is under way share the next one: a sync or a request for many. */
export function createBatcher(options: BatcherOptions): Batcher {
  const { write, maxLetters, maxBytes, isolates = () => false } = options
  const queue: Waiting[] = []
  let running: Promise<void> | null = null

  async function run(): Promise<void> {
    // Those of the same turn of the event loop share the first write as well.
    await Promise.resolve()
    while (queue.length > 0) await writeBatch(take())
    running = null
  }

  function take(): Waiting[] {
    let count = 0
    let bytes = 0
    for (const waiting of queue) {
      bytes += waiting.bytes
      if (count === maxLetters || (count > 0 && bytes > maxBytes)) break
      count += 1
    }
    return queue.splice(0, count)
  }

  async function writeBatch(batch: readonly Waiting[]): Promise<void> {
    try {
      await write(batch.map(({ letter }) => letter))
      for (const { resolve } of batch) resolve()
    } catch (error) {
      if (batch.length > 1 && isolates(error)) {
        for (const waiting of batch) await writeBatch([waiting])
      } else {
        for (const { reject } of batch) reject(error)
      }
    }
  }

  return {
    keep(letter) {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const { key, value } = letter.record
      queue.push({ letter, bytes: (key?.length ?? 0) + (value?.length ?? 0), resolve, reject })
      running ??= run()
      return promise
    },
    async idle() {
      await running
    },
  }
}
