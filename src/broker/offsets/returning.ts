import { partitionName, type TopicPartition } from '../../kernel/shapes/record.ts'

/**
 * Partitions that stopped and are to begin anew soon, unless they are taken away before that. While
 * a partition is revoked it is still owned, so owning it is not enough to begin.
 */
export class Returning {
  readonly #tickets = new Map<string, object>()

  /** Returns what to ask, once, before it begins: whether it still may. */
  leave(partition: TopicPartition): () => boolean {
    const name = partitionName(partition)
    const ticket = {}
    this.#tickets.set(name, ticket)
    return () => this.#tickets.get(name) === ticket && this.#tickets.delete(name)
  }

  takenAway(partitions: readonly TopicPartition[]): void {
    for (const each of partitions) this.#tickets.delete(partitionName(each))
  }
}
