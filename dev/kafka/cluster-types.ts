import type { PartitionMove, PartitionState } from './cluster-requests.ts'
import type { Damage } from './damage.ts'
import type { StoredBatch } from './segments.ts'
import type { KafkaListeners } from './types.ts'

/** One node of an embedded Kafka. What is done to it leaves the others alone. */
export interface EmbeddedNode {
  /** Kafka's own number of it: 1 and up. */
  readonly id: number
  readonly brokers: KafkaListeners & { readonly external?: KafkaListeners }
  readonly dataFolder: string
  /** Its process id, undefined while it is stopped. */
  readonly pid: () => number | undefined
  /** Resolves when the running process ends, whoever ended it; at once when none runs. */
  readonly exited: () => Promise<void>
  /** Whether freeze() holds it. */
  readonly frozen: () => boolean
  /**
   * Ends it in an orderly way (SIGTERM), its leaders moved away; data and ports stay. By SIGKILL
   * where the others are no quorum: nobody could answer that it may go.
   */
  stop(): Promise<void>
  /** SIGKILL, as a crash would; data and ports stay. Leaders move when its session is over (3 s). */
  kill(): Promise<void>
  /** Starts it again after stop() or kill(), frees it if frozen; resolves when it serves requests. */
  start(): Promise<void>
  /**
   * SIGSTOP: connections stay open and nothing answers, as on a machine that hangs. Leaders move
   * when its session is over (3 s).
   * @throws OccError OCC_KAFKA_NODE when it does not run
   */
  freeze(): void
  /** SIGCONT. It goes on where it was, and for a moment takes itself for the leader it was. */
  thaw(): void
  /**
   * Damages a record batch on this node's disk; consumers get it so at once, if this node leads.
   * A broker that was killed looks through its log at its start and cuts it off at such a batch.
   * @throws OccError OCC_KAFKA_SEGMENT when there is no such batch
   */
  damage(topic: string, partition: number, damage: Damage): Promise<StoredBatch>
}

export type ClusterTopic = {
  /** Topic settings. Below three replicas `min.insync.replicas` is 1 where nothing else is said. */
  readonly config?: Readonly<Record<string, string>>
} & (
  | {
      /** Node ids of each partition's replicas, the preferred leader first: `[[1, 2], [2, 3]]`. */
      readonly assignments: readonly (readonly number[])[]
    }
  | {
      readonly partitions?: number
      /** Default: as many as there are nodes. */
      readonly factor?: number
    }
)

/**
 * Administration without a JVM a call: each is answered within milliseconds by a node that runs.
 * Transient errors (a controller that changes, a node that went) are tried again, for 30 s.
 * All throw OccError OCC_KAFKA_CLUSTER for what Kafka refuses, OCC_KAFKA_NODE when nobody answers.
 */
export interface KafkaCluster {
  /** Resolves when every running node knows the topic and its leaders. */
  createTopic(topic: string, options?: ClusterTopic): Promise<void>
  /** The topic as a node sees it; without an id, some running one. They may differ for a moment. */
  describe(topic: string, node?: number): Promise<PartitionState[]>
  /** The leader's node id by partition; -1 where there is none at the moment. */
  leaders(topic: string): Promise<Map<number, number>>
  /** Starts to move partitions to other replicas; resolves when that is accepted. */
  movePartitions(moves: readonly PartitionMove[]): Promise<void>
  /** Resolves when no partition is on the move any more and all running nodes know where they are. */
  moved(): Promise<void>
  /**
   * Makes the first replica of each partition the leader again, of all topics where none is named:
   * nothing else does (auto.leader.rebalance.enable is false). Waits for those that have yet to
   * catch up; partitions whose first replica does not run keep their leader. Resolves when all
   * running nodes know.
   */
  electPreferredLeaders(topic?: string): Promise<void>
}
