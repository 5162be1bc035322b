import { partitionName, type TopicPartition } from '../../kernel/record.ts'
import type { BegunPartition } from '../offsets/start-offsets.ts'
import type { PartitionProblem } from '../types.ts'

/** A request under way: an answer counts only for the ticket that its partition still carries. */
export type Ticket = object

/** What is known of one partition for fetching it, from its assignment until it is taken away. */
export class FetchState implements TopicPartition {
  readonly topic: string
  readonly partition: number
  readonly name: string
  /** The next offset to fetch. */
  position: number
  /** Of the topic as it was when the position was set; null: not known. */
  topicId: string | null
  /** The position is known to be one of that topic, and not of another that bore its name before. */
  isOfTopic: boolean
  /** As the metadata has it; -1: there is none, or it is not known. */
  leader = -1
  leaderEpoch = -1
  /** Of the batch that was read last; -1: not known. Tells whether a new leader has what was read. */
  lastEpoch = -1
  /** A follower that the leader sent us to; null: the leader itself. */
  replica: number | null = null
  /** Monotonic milliseconds until which the follower is used. */
  replicaUntil = 0
  isPaused = false
  /** Something is being found out about it (where to go on, a damaged batch): not fetched. */
  isBusy = false
  /** There is a new leader, and whether it has all that was read is not known: not fetched. */
  isUnproven = false
  /** Its batch stays unreadable: it waits for a person, a new leader, or the next look. */
  isHeld = false
  /** Taken away: whatever is still under way for it is void. */
  isOver = false
  /** Monotonic milliseconds before which it is not fetched. */
  notBefore = 0
  failures = 0
  ticket: Ticket | null = null
  /** Monotonic milliseconds of the last answer about it. */
  answeredAt = Number.NEGATIVE_INFINITY
  problem: PartitionProblem | null = null
  /** Whether the listener knows of the problem: a leader that moves is none for the first second. */
  isProblemTold = false

  constructor(
    { topic, partition, startOffset, topicId: known }: BegunPartition,
    topicId: string | null,
  ) {
    this.topic = topic
    this.partition = partition
    this.name = partitionName({ topic, partition })
    this.position = startOffset
    this.topicId = topicId
    this.isOfTopic = topicId !== null && known === topicId
  }

  /** The broker to fetch from; -1: none. */
  get node(): number {
    return this.replica ?? this.leader
  }

  /** Goes on elsewhere: what is under way for the old position is void. */
  seek(offset: number): void {
    this.position = offset
    this.ticket = null
  }
}
