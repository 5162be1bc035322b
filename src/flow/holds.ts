import type { PauseTarget } from '../kernel/shapes/pause-target.ts'
import { partitionName, type TopicPartition } from '../kernel/shapes/record.ts'

/** What operators have paused. Survives rebalances. */
export class Holds {
  readonly #topics = new Set<string>()
  readonly #partitions = new Set<string>()
  readonly #handlers = new Set<string>()
  #targets: readonly PauseTarget[] | null = []

  /** Whether it is known; until then every partition is held. */
  get isKnown(): boolean {
    return this.#targets !== null
  }

  /** As they were set. */
  get targets(): readonly PauseTarget[] | null {
    return this.#targets
  }

  /** Names of handlers. */
  get handlers(): ReadonlySet<string> {
    return this.#handlers
  }

  has(partition: TopicPartition): boolean {
    return (
      !this.isKnown ||
      this.#topics.has(partition.topic) ||
      this.#partitions.has(partitionName(partition))
    )
  }

  /** Holds exactly these; null: it is not known what is paused. */
  set(targets: readonly PauseTarget[] | null): void {
    this.#topics.clear()
    this.#partitions.clear()
    this.#handlers.clear()
    this.#targets = targets
    for (const target of targets ?? []) {
      if ('handler' in target) this.#handlers.add(target.handler)
      else if (target.partition === undefined) this.#topics.add(target.topic)
      else this.#partitions.add(partitionName({ ...target, partition: target.partition }))
    }
  }
}
