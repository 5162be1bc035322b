import type { Consumer } from 'kafkajs'
import type { Clock } from '../kernel/clock.ts'
import { partitionName, type TopicPartition } from '../kernel/record.ts'

/** A broker holds a fetch back at least this long, in milliseconds, while something is paused. */
const SHORTEST_WAIT = 10

/** Which partitions are paused, and what that means for the next fetch. */
export interface Pausing {
  readonly count: number
  pause(partition: TopicPartition): void
  resume(partition: TopicPartition): void
  resumeAll(): void
  /** A new consumer has nothing paused. */
  forget(): void
  /** Resolves at the next resume or `wake`, or after so many milliseconds. */
  resumed(milliseconds: number): Promise<void>
  wake(): void
  /**
   * How long a broker may wait for data, in milliseconds. A fetch under way does not know of a
   * partition that is resumed meanwhile: while one was paused just now, and so is likely to be back
   * soon, fetches are short, or a busy partition would wait for its idle neighbours. The longer the
   * pauses last, the longer the fetches may.
   */
  maxWait(configured: number): number
}

/** @param consumer the running one; null while there is none, when nothing can be paused. */
export function createPausing(consumer: () => Consumer | null, clock: Clock): Pausing {
  const paused = new Map<string, TopicPartition>()
  let newest = 0
  let wake: (() => void) | null = null

  function resume(partition: TopicPartition): void {
    paused.delete(partitionName(partition))
    consumer()?.resume([toKafkajs(partition)])
    wake?.()
  }

  return {
    get count() {
      return paused.size
    },
    pause(partition) {
      paused.set(partitionName(partition), partition)
      newest = clock.monotonic()
      consumer()?.pause([toKafkajs(partition)])
    },
    resume,
    resumeAll() {
      for (const partition of paused.values()) resume(partition)
    },
    forget() {
      paused.clear()
    },
    async resumed(milliseconds) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, milliseconds)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
      wake = null
    },
    wake: () => wake?.(),
    maxWait(configured) {
      if (paused.size === 0) return configured
      const age = clock.monotonic() - newest
      return Math.min(configured, Math.max(SHORTEST_WAIT, Math.round(age / 2)))
    },
  }
}

function toKafkajs({ topic, partition }: TopicPartition) {
  return { topic, partitions: [partition] }
}
