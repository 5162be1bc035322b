import type { AssignedPartition, MemberControl, PartitionProblem } from '../broker/types.ts'
import { partitionName, type TopicPartition } from '../kernel/record.ts'
import { Lane } from './lane/lane.ts'
import type { SharedParts } from './shared-parts.ts'

/**
 * The last commit of what is given up may take this long at least, in milliseconds; and what is
 * left of the time for finishing it, so that a coordinator that moves just then is waited for.
 */
const LAST_COMMIT = 3_000

/** The lanes of one member, and their committer. Lanes come and go, the others go on meanwhile. */
export interface Session {
  readonly lanes: readonly Lane[]
  lane(partition: TopicPartition): Lane | undefined
  /** Partitions that are to come, once it is known where they begin, and what keeps that from being known. */
  readonly waiting: ReadonlyMap<string, Waiting>
  /** @param problem null: it is not to come any more. */
  waits(partition: TopicPartition, problem: PartitionProblem | null): void
  add(partitions: readonly AssignedPartition[]): void
  /**
   * Finishes what is in flight of these lanes within the deadline (milliseconds), commits, closes and
   * removes them. Of several calls for a lane the shortest deadline counts: a rebalance does not
   * wait for a long drain begun before.
   */
  end(lanes: readonly Lane[], deadline: number): Promise<void>
  /** Closes and removes them at once, without a commit. */
  drop(lanes: readonly Lane[]): void
  /** Ends all of it at once: nothing is committed any more. */
  close(): void
}

export interface Waiting extends TopicPartition {
  readonly problem: PartitionProblem
}

export function createSession(shared: SharedParts, control: MemberControl): Session {
  const { memory } = shared
  /** By topic, then partition: asked for several times a fetch and partition, without making a name. */
  const byTopic = new Map<string, Map<number, Lane>>()
  const waiting = new Map<string, Waiting>()
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
        // It is told again with each look; it began with the first.
        const since = waiting.get(name)?.problem.since ?? problem.since
        waiting.set(name, { topic, partition, problem: { ...problem, since } })
      }
    },
    add(partitions) {
      for (const each of partitions) waiting.delete(partitionName(each))
      const former = partitions.flatMap((each) => find(each) ?? [])
      // Whoever forgot to end them before: their work must not count any more.
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
      const until = performance.now() + deadline
      // What is fetched from now on would be thrown away.
      for (const lane of lanes) if (!lane.isClosing) control.pause(lane)
      const timer = setTimeout(() => {
        for (const lane of lanes) lane.stopWaiting()
      }, deadline)
      await Promise.all(lanes.map((lane) => lane.drain()))
      clearTimeout(timer)
      await committer.settle(Math.max(LAST_COMMIT, until - performance.now()))
      drop(lanes)
    },
    drop,
    close() {
      committer.close()
      waiting.clear()
      drop(all())
    },
  }
}
