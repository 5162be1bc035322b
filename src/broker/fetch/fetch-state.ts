import { partitionName, type TopicPartition } from '../../kernel/record.ts'
import type { AssignedPartition, PartitionProblem } from '../types.ts'

/** From this offset on, what was read is of that leader epoch. */
export interface EpochStart {
  readonly from: number
  readonly epoch: number
}

/** Most epochs that are remembered of a partition: what is unfinished is of the newest ones. */
const MOST_EPOCHS = 100

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
  /** As the metadata has it; -1: there is none, or it is not known. */
  leader = -1
  leaderEpoch = -1
  /** Of what was read, ascending. Tells whether a new leader has it, too. */
  #epochs: EpochStart[] = []
  /** A follower that the leader sent us to; null: the leader itself. */
  replica: number | null = null
  /** Monotonic milliseconds until which the follower is used. */
  replicaUntil = 0
  isPaused = false
  /** Something is being found out about it (where to go on, a damaged batch): not fetched. */
  isBusy = false
  /** There is a new leader, and whether it has all that was read is not known: not fetched. */
  isUnproven = false
  /** Its topic was made anew, and where it begins is not known yet: not fetched. */
  isAnew = false
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
  /** Monotonic milliseconds of when it began: a wall clock may be set back meanwhile. */
  problemAt = 0
  /** Whether the listener knows of the problem: a leader that moves is none for the first second. */
  isProblemTold = false

  constructor(assigned: AssignedPartition, topicId: string | null) {
    const { topic, partition, startOffset, leaderEpoch = -1 } = assigned
    this.topic = topic
    this.partition = partition
    this.name = partitionName({ topic, partition })
    this.position = startOffset
    this.topicId = topicId
    if (leaderEpoch >= 0) this.#epochs = [{ from: startOffset - 1, epoch: leaderEpoch }]
  }

  /** Of the record before the position; -1: not known. */
  get lastEpoch(): number {
    return this.epochBefore(this.position)
  }

  /** Of the record before this offset; -1: not known, or it was not read. */
  epochBefore(offset: number): number {
    if (offset > this.position) return -1
    return this.#epochs.findLast(({ from }) => from < offset)?.epoch ?? -1
  }

  /** What comes from the position on begins these. */
  readEpochs(starts: readonly EpochStart[]): void {
    const [first] = starts
    if (first === undefined) return
    const before = this.#epochs.filter(({ from }) => from < first.from)
    const isNew = before.at(-1)?.epoch !== first.epoch
    this.#epochs = [...before, ...(isNew ? starts : starts.slice(1))].slice(-MOST_EPOCHS)
  }

  forgetEpochs(): void {
    this.#epochs = []
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
