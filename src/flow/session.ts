import type { AssignedPartition, MemberControl, PartitionProblem } from '../broker/types.ts'
import { partitionName, type TopicPartition } from '../kernel/shapes/record.ts'
import type { OperatorMove } from '../kernel/shapes/replay.ts'
import { Lane } from './lane/lane.ts'
import type { SharedParts } from './shared-parts.ts'

/**
 * Minimum time for the last commit of partitions being given up, in milliseconds. If more of the
 * deadline remains, the commit gets that, so that it can wait for a coordinator that moves.
 */
const LAST_COMMIT = 3_000

/** The lanes of one member, and their committer. Lanes come and go while the others continue. */
export interface Session {
  readonly lanes: readonly Lane[]
  lane(partition: TopicPartition): Lane | undefined
  /** Partitions assigned whose start offset is not known yet, and the problem that prevents it. */
  readonly waiting: ReadonlyMap<string, Waiting>
  /** @param problem null: the partition is no longer expected. */
  waits(partition: TopicPartition, problem: PartitionProblem | null): void
  add(partitions: readonly AssignedPartition[]): void
  /**
   * Finishes what is in flight in these lanes within the deadline (milliseconds), commits, closes
   * and removes them. Of several calls for one lane the shortest deadline applies: a rebalance does
   * not wait for a long drain that began earlier.
   */
  end(lanes: readonly Lane[], deadline: number): Promise<void>
  /**
   * Finishes what is in flight of the lane within the deadline (milliseconds), and has the partition
   * begin anew at another offset. The others are not touched. Resolves with where it was, or with
   * null if the partition was taken away meanwhile. Rejects as `MemberControl.move`; the partition
   * then continues at what the broker has.
   */
  move(lane: Lane, to: NewOffset, deadline: number): Promise<number | null>
  /** Whether it is about to be assigned again after a `move`. */
  isMoving(partition: TopicPartition): boolean
  /** Closes and removes them immediately, without a commit. */
  drop(lanes: readonly Lane[]): void
  /** Ends everything immediately, without a commit. */
  close(): void
}

export interface NewOffset {
  /** @param now where it is, when nothing is in flight any more */
  offset(now: number): number
  /** What to keep beside it. @param handled below it every record was handled */
  operator(handled: number, offset: number): OperatorMove
}

export interface Waiting extends TopicPartition {
  readonly problem: PartitionProblem
}

export function createSession(shared: SharedParts, control: MemberControl): Session {
  const { memory } = shared
  /** By topic, then partition: looked up several times per fetch, without building a name. */
  const byTopic = new Map<string, Map<number, Lane>>()
  const waiting = new Map<string, Waiting>()
  const moving = new Set<string>()
  const committer = shared.parts.createCommitter(control)

  function drop(lanes: readonly Lane[]): void {
    committer.remove(lanes.map(({ progress }) => progress))
    for (const lane of lanes) {
      lane.close()
      const ofTopic = byTopic.get(lane.topic)
      if (ofTopic?.get(lane.partition) !== lane) continue
      ofTopic.delete(lane.partition)
      if (ofTopic.size === 0) byTopic.delete(lane.topic)
    }
    memory.sharesChanged()
  }

  function find({ topic, partition }: TopicPartition): Lane | undefined {
    return byTopic.get(topic)?.get(partition)
  }

  function all(): Lane[] {
    return [...byTopic.values()].flatMap((ofTopic) => [...ofTopic.values()])
  }

  /** Finishes what is in flight within the deadline, and commits. */
  async function finish(lanes: readonly Lane[], deadline: number): Promise<void> {
    const until = performance.now() + deadline
    // Anything fetched from now on would be discarded.
    for (const lane of lanes) if (!lane.isClosing) control.pause(lane)
    const timer = setTimeout(() => {
      for (const lane of lanes) lane.stopWaiting()
    }, deadline)
    await Promise.all(lanes.map((lane) => lane.drain()))
    clearTimeout(timer)
    await committer.settle(Math.max(LAST_COMMIT, until - performance.now()))
  }

  return {
    get lanes() {
      return all()
    },
    lane: find,
    waiting,
    waits({ topic, partition }, problem) {
      const name = partitionName({ topic, partition })
      if (problem === null) waiting.delete(name)
      else {
        // The problem is reported again at each check; keep the time of the first report.
        const since = waiting.get(name)?.problem.since ?? problem.since
        waiting.set(name, { topic, partition, problem: { ...problem, since } })
      }
    },
    add(partitions) {
      for (const each of partitions) {
        waiting.delete(partitionName(each))
        moving.delete(partitionName(each))
      }
      const former = partitions.flatMap((each) => find(each) ?? [])
      // If these lanes were not ended before, their work must no longer count.
      if (former.length > 0) drop(former)
      const lanes = partitions.map((partition) => new Lane(partition, shared, control))
      for (const lane of lanes) {
        lane.committer = committer
        const ofTopic = byTopic.get(lane.topic) ?? new Map<number, Lane>()
        ofTopic.set(lane.partition, lane)
        byTopic.set(lane.topic, ofTopic)
      }
      committer.add(lanes.map(({ progress }) => progress))
      memory.sharesChanged()
    },
    async end(lanes, deadline) {
      if (lanes.length === 0) return
      await finish(lanes, deadline)
      drop(lanes)
    },
    async move(lane, to, deadline) {
      const { topic, partition, progress } = lane
      await finish([lane], deadline)
      // From here on the lane commits nothing more: the next commit is the one that decides.
      await committer.release(progress)
      if (find(lane) !== lane) return null
      const { committable: before, metadata, handled, claim } = progress
      const name = partitionName(lane)
      moving.add(name)
      try {
        const offset = to.offset(before)
        const operator = to.operator(handled, offset)
        const moved = { topic, partition, offset, metadata, finished: [], operator }
        await control.move({ ...moved, ...(claim && { claim }) })
        return before
      } catch (error) {
        if (find(lane) !== lane) return null
        throw error
      } finally {
        if (find(lane) === lane) drop([lane])
        else moving.delete(name)
      }
    },
    isMoving: (partition) => moving.has(partitionName(partition)),
    drop,
    close() {
      committer.close()
      waiting.clear()
      drop(all())
    },
  }
}
