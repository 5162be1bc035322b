import type {
  AssignedPartition,
  MemberControl,
  MemberListener,
  OffsetRange,
  OffsetToCommit,
  RecordBatch,
} from '../../../../src/broker/types.ts'
import type { Engine } from '../../../../src/flow/engine.ts'
import type { OccError } from '../../../../src/kernel/errors.ts'
import { partitionName, type TopicPartition } from '../../../../src/kernel/shapes/record.ts'

export const TOPIC = 'transfers'

/** Partitions that are assigned together, and what the broker has of their commits. */
export interface FakeAssignment extends ReadonlyArray<AssignedPartition> {
  readonly commits: ReadonlyArray<readonly OffsetToCommit[]>
  /** The last committed offset of the partition, or undefined. */
  committed(partition: number): number | undefined
  /** Awaited before a commit is answered. A test may delay it, or throw. */
  answer: () => void | Promise<void>
  /** For the broker. */
  commit(offsets: readonly OffsetToCommit[]): Promise<void>
}

export function assign(
  partitions: readonly number[],
  startOffset = 0,
  finished: readonly OffsetRange[] = [],
): FakeAssignment {
  const commits: Array<readonly OffsetToCommit[]> = []
  const assigned = partitions.map(
    (partition): AssignedPartition => ({
      topic: TOPIC,
      partition,
      startOffset,
      metadata: 'm',
      finished,
    }),
  )
  return Object.assign(assigned, {
    commits,
    answer() {},
    async commit(this: FakeAssignment, offsets: readonly OffsetToCommit[]) {
      commits.push(offsets)
      await this.answer()
    },
    committed: (partition: number) =>
      commits.flat().findLast((committed) => committed.partition === partition)?.offset,
  })
}

/**
 * A member that fetches nothing by itself. The test delivers batches and sees what the flow asks of
 * it.
 */
export class FakeMember implements MemberControl {
  /** `pause 0`, `resume 0`, as the flow asked for them. */
  readonly fetching: string[] = []
  /** Batches that could not be read, and why. */
  readonly unreadableBatches: Array<readonly [batch: RecordBatch, error: OccError]> = []
  /** By partition: its latest assignment. */
  readonly #assignments = new Map<string, FakeAssignment>()

  assigned(assignment: FakeAssignment): void {
    for (const partition of assignment) {
      this.#assignments.set(partitionName(partition), assignment)
    }
  }

  pause({ partition }: TopicPartition): void {
    this.fetching.push(`pause ${partition}`)
  }

  resume({ partition }: TopicPartition): void {
    this.fetching.push(`resume ${partition}`)
  }

  unreadable(batch: RecordBatch, error: OccError): void {
    this.unreadableBatches.push([batch, error])
  }

  /** Awaited by each `move`, in place of a commit. */
  moved: (offset: OffsetToCommit) => void | Promise<void> = () => {}

  async move(offset: OffsetToCommit): Promise<void> {
    await this.moved(offset)
  }

  /** Each assignment gets its own part of the commit. */
  async commit(offsets: readonly OffsetToCommit[]): Promise<void> {
    const parts = Map.groupBy(offsets, (offset) => this.#assignments.get(partitionName(offset)))
    await Promise.all(Array.from(parts, ([assignment, part]) => assignment?.commit(part)))
  }
}

export interface FakeListener extends Omit<MemberListener, 'assigned'> {
  assigned(partitions: FakeAssignment): void
}

/** A member of the engine. */
export function listen(engine: Engine, name: string, member: FakeMember): FakeListener {
  const listener = engine.listen(name, member)
  return {
    ...listener,
    assigned(partitions) {
      member.assigned(partitions)
      listener.assigned(partitions)
    },
  }
}
