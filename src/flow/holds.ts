import type { TopicTarget } from '../kernel/pause-target.ts'
import { partitionName, type TopicPartition } from '../kernel/record.ts'

/** Topics and partitions an operator has paused. Survives rebalances, until the process ends. */
export class Holds {
  readonly #topics = new Set<string>()
  readonly #partitions = new Map<string, TopicPartition>()

  has(partition: TopicPartition): boolean {
    return this.#topics.has(partition.topic) || this.#partitions.has(partitionName(partition))
  }

  add({ topic, partition }: TopicTarget): void {
    if (partition === undefined) this.#topics.add(topic)
    else this.#partitions.set(partitionName({ topic, partition }), { topic, partition })
  }

  /** Resuming a topic resumes all of its partitions. */
  remove({ topic, partition }: TopicTarget): void {
    if (partition !== undefined) {
      this.#partitions.delete(partitionName({ topic, partition }))
      return
    }
    this.#topics.delete(topic)
    for (const [name, each] of this.#partitions) {
      if (each.topic === topic) this.#partitions.delete(name)
    }
  }

  list(): TopicTarget[] {
    return [...Array.from(this.#topics, (topic) => ({ topic })), ...this.#partitions.values()]
  }
}
