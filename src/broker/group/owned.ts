import { partitionName, type TopicPartition } from '../../kernel/shapes/record.ts'
import { NO_GENERATION } from './joining.ts'

interface Assigned extends TopicPartition {
  /** Which assignment to this member it is, counted from 1. */
  readonly assignment: number
}

/** The partitions that a member owns, each with the number of its assignment. */
export class Owned {
  readonly #partitions = new Map<string, Assigned>()
  #assignments = 0
  #generation = NO_GENERATION

  /** In which they were assigned. */
  get generation(): number {
    return this.#generation
  }

  get size(): number {
    return this.#partitions.size
  }

  all(): readonly TopicPartition[] {
    return [...this.#partitions.values()]
  }

  has(partition: TopicPartition): boolean {
    return this.#partitions.has(partitionName(partition))
  }

  /** Number of the partition's assignment to this member, different each time; null: not owned. */
  assignmentOf(partition: TopicPartition): number | null {
    return this.#partitions.get(partitionName(partition))?.assignment ?? null
  }

  /** Takes what a generation assigned. Returns the part that is new. */
  add(assigned: readonly TopicPartition[], generation: number): readonly TopicPartition[] {
    const added = assigned.filter((partition) => !this.has(partition))
    const assignment = ++this.#assignments
    for (const { topic, partition } of added) {
      this.#partitions.set(partitionName({ topic, partition }), { topic, partition, assignment })
    }
    this.#generation = generation
    return added
  }

  delete(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#partitions.delete(partitionName(partition))
  }

  clear(): void {
    this.#partitions.clear()
    this.#generation = NO_GENERATION
  }
}
