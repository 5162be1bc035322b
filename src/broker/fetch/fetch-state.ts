import { partitionName, type TopicPartition } from '../../kernel/record.ts'
import type { BegunPartition } from '../offsets/start-offsets.ts'
import type { PartitionProblem } from '../types.ts'

/** From this offset on, what was read is of that leader epoch. */
export interface EpochStart {
  readonly from: number
  readonly epoch: number
}

/** Most epochs that are remembered of a partition: what is unfinished is of the newest ones. */
const MAX_EPOCHS = 100

/** A request under way: an answer counts only for the ticket that its partition still carries. */
export type Ticket = object

/** Something that is being found out about a partition. */
export interface Work {
  /** Where to go on, or what becomes of a batch that cannot be read. */
  readonly kind: 'position' | 'batch'
  /**
   * The batch stays unreadable: it waits for a person, a new leader, or the next look at this time,
   * in monotonic milliseconds. null: it is being looked at.
   */
  heldUntil: number | null
}

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
  /** Of what was read, ascending. Tells whether a new leader has it, too. */
  #epochs: EpochStart[] = []
  /** A follower that the leader sent us to; null: the leader itself. */
  replica: number | null = null
  /** Monotonic milliseconds until which the follower is used. */
  replicaUntil = 0
  isPaused = false
  /** Meanwhile it is not fetched. Whoever puts another in its place makes it void. */
  work: Work | null = null
  /**
   * Whether what it is fetched from has all that was read is not known, because of a new leader or a
   * topic that was made anew: not fetched.
   */
  isUnproven = false
  /** The topic has another id than when the position was set, which counts for nothing so. */
  isRecreated = false
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
  isProblemReported = false

  constructor(
    { topic, partition, startOffset, leaderEpoch = -1, topicId: known }: BegunPartition,
    topicId: string | null,
  ) {
    this.topic = topic
    this.partition = partition
    this.name = partitionName({ topic, partition })
    this.position = startOffset
    this.topicId = topicId
    this.isOfTopic = topicId !== null && known === topicId
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
    this.#epochs = [...before, ...(isNew ? starts : starts.slice(1))].slice(-MAX_EPOCHS)
  }

  forgetEpochs(): void {
    this.#epochs = []
  }

  /** The broker to fetch from; -1: none. */
  get node(): number {
    return this.replica ?? this.leader
  }

  get isBusy(): boolean {
    return this.work !== null
  }

  get isHeld(): boolean {
    return this.work !== null && this.work.heldUntil !== null
  }

  /** What was found out before, or is being found out, is void. */
  begin(kind: Work['kind']): Work {
    this.work = { kind, heldUntil: null }
    // An answer that is under way is for what may not be true any more.
    this.ticket = null
    return this.work
  }

  /** False: it is void, and must change nothing. */
  isAt(work: Work): boolean {
    return !this.isOver && this.work === work
  }

  /** Goes on elsewhere: what is under way for the old position is void. */
  seek(offset: number): void {
    this.position = offset
    this.ticket = null
  }
}
