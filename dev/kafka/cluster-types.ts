import type { PartitionMove, PartitionState } from './cluster-requests.ts'
import type { Damage } from './damage/damage.ts'
import type { StoredBatch } from './damage/segments.ts'
import type { KafkaListeners } from './types.ts'

/** One node of an embedded Kafka. Its methods do not affect the others. */
export interface EmbeddedNode {
  /** Kafka's node id, from 1. */
  readonly id: number
  readonly brokers: KafkaListeners & { readonly external?: KafkaListeners }
  readonly dataFolder: string
  /** Its process id; undefined while it is stopped. */
  readonly pid: () => number | undefined
  /** Resolves when the running process ends for any reason; at once if none runs. */
  readonly exited: () => Promise<void>
  /** Whether freeze() holds it. */
  readonly frozen: () => boolean
  /**
   * Shuts it down cleanly (SIGTERM), moving its leaders; data and ports stay. Uses SIGKILL if the
   * other nodes are not a quorum, because nobody could approve the shutdown.
   */
  stop(): Promise<void>
  /** SIGKILL, like a crash; data and ports stay. Leaders move when its session expires (3 s). */
  kill(): Promise<void>
  /** Restarts it after stop() or kill(), thaws it if frozen; resolves when it serves requests. */
  start(): Promise<void>
  /**
   * SIGSTOP: connections stay open and nothing answers, like a machine that hangs. Leaders move
   * when its session expires (3 s).
   * @throws OccError OCC_KAFKA_NODE if it does not run
   */
  freeze(): void
  /** SIGCONT. It continues, and for a moment still considers itself the leader it was. */
  thaw(): void
  /**
   * Damages a record batch on this node's disk; consumers get it at once if this node leads. A
   * broker that was killed checks its log when it starts and truncates it at such a batch.
   * @throws OccError OCC_KAFKA_SEGMENT if there is no such batch
   */
  damage(topic: string, partition: number, damage: Damage): Promise<StoredBatch>
}

export type ClusterTopic = {
  /** Topic settings. With fewer than three replicas the default of `min.insync.replicas` is 1. */
  readonly config?: Readonly<Record<string, string>>
} & (
  | {
      /** Node ids of each partition's replicas, the preferred leader first: `[[1, 2], [2, 3]]`. */
      readonly assignments: readonly (readonly number[])[]
    }
  | {
      readonly partitions?: number
      /** Default: the number of nodes. */
      readonly factor?: number
    }
)

/**
 * Administration without starting a JVM: a running node answers each call within milliseconds.
 * Transient errors (a changing controller, a lost node) are retried for 30 s. All methods throw
 * OccError OCC_KAFKA_CLUSTER if Kafka refuses, OCC_KAFKA_NODE if nobody answers.
 */
export interface KafkaCluster {
  /** Resolves when every running node knows the topic and its leaders. */
  createTopic(topic: string, options?: ClusterTopic): Promise<void>
  /** The topic as seen by a node (default: any running node). Views may differ for a moment. */
  describe(topic: string, node?: number): Promise<PartitionState[]>
  /** The leader's node id by partition; -1 if there is none at the moment. */
  leaders(topic: string): Promise<Map<number, number>>
  /** Starts to move partitions to other replicas; resolves when Kafka has accepted that. */
  movePartitions(moves: readonly PartitionMove[]): Promise<void>
  /** Resolves when no partition is moving and all running nodes know the result. */
  moved(): Promise<void>
  /**
   * Makes the first replica of each partition the leader again, for one topic or all. Nothing else
   * does (auto.leader.rebalance.enable is false). Waits for replicas that have to catch up;
   * partitions whose first replica does not run keep their leader. Resolves when all running nodes
   * know.
   */
  electPreferredLeaders(topic?: string): Promise<void>
}
