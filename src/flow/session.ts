import type { Assignment } from '../broker/types.ts'
import type { Committer } from '../commit/committer.ts'
import { partitionName, type TopicPartition } from '../kernel/record.ts'
import { Lane } from './lane.ts'
import type { SharedParts } from './shared-parts.ts'
import type { FetchControl } from './types.ts'

/** The last commit of an assignment may take this long, in milliseconds. */
const LAST_COMMIT = 3_000

/** The lanes of one assignment of one member, and their committer: they begin and end together. */
export interface Session {
  readonly assignment: Assignment
  readonly lanes: readonly Lane[]
  lane(partition: TopicPartition): Lane | undefined
  /**
   * Finishes what is in hand within the deadline (milliseconds), commits, and ends. Of several
   * calls the shortest deadline counts: a rebalance does not wait for a long drain begun before.
   */
  end(deadline: number): Promise<void>
  /** Ends at once, without a commit. */
  abandon(): void
}

export function createSession(
  assignment: Assignment,
  shared: SharedParts,
  control: FetchControl,
): Session {
  const lanes = assignment.partitions.map((partition) => new Lane(partition, shared, control))
  const byName = new Map(lanes.map((lane) => [partitionName(lane), lane]))
  const committer: Committer = shared.parts.createCommitter(
    assignment,
    lanes.map(({ progress }) => progress),
  )
  for (const lane of lanes) lane.committer = committer
  const late = Promise.withResolvers<void>()
  let ending: Promise<void> | null = null

  async function finish(): Promise<void> {
    // What is fetched from now on would be thrown away.
    for (const lane of lanes) control.pause(lane)
    await Promise.race([Promise.all(lanes.map((lane) => lane.drain())), late.promise])
    await committer.end(LAST_COMMIT)
    for (const lane of lanes) lane.close()
  }

  return {
    assignment,
    lanes,
    lane: (partition) => byName.get(partitionName(partition)),
    async end(deadline) {
      const timer = setTimeout(late.resolve, deadline)
      ending ??= finish()
      try {
        await ending
      } finally {
        clearTimeout(timer)
      }
    },
    abandon() {
      committer.abandon()
      for (const lane of lanes) lane.close()
    },
  }
}
