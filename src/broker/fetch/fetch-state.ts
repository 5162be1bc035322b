import { partitionName, type TopicPartition } from '../../kernel/shapes/record.ts'
import type { BegunPartition } from '../offsets/start-offsets.ts'
import type { PartitionProblem } from '../types.ts'

/** Records from this offset on have that leader epoch. */
export interface EpochStart {
  readonly from: number
  readonly epoch: number
}

/** Max epochs kept per partition. Unfinished records are in the newest ones. */
const MAX_EPOCHS = 100

/**
 * Identifies a request in flight. Its answer is used only while the partition carries its ticket.
 */
export type Ticket = object

/** A lookup or a retry for one partition, during which it is not fetched. */
export interface Work {
  /** `position`: finds the offset to continue at. `batch`: retries a batch that cannot be read. */
  readonly kind: 'position' | 'batch'
  /**
   * The batch stays unreadable: it waits for an operator, a new leader, or the retry at this time,
   * in monotonic milliseconds. null: the work is in progress.
   */
  heldUntil: number | null
}

/** Everything that fetching knows about one partition, from its assignment until it is removed. */
export class FetchState implements TopicPartition {
  readonly topic: string
  readonly partition: number
  readonly name: string
  /** The next offset to fetch. */
  position: number
  /** Topic id when the position was set; null: not known. */
  topicId: string | null
  /** The position is known to belong to this topic, not to an older one of the same name. */
  isOfTopic: boolean
  /** From the metadata; -1: there is none, or it is not known. */
  leader = -1
  leaderEpoch = -1
  /** Epochs of what was read, ascending. They show whether a new leader has the same records. */
  #epochs: EpochStart[] = []
  /** The follower that the leader named for fetching; null: the leader itself. */
  replica: number | null = null
  /** Monotonic milliseconds until which the follower is used. */
  replicaUntil = 0
  isPaused = false
  /** It is not fetched meanwhile. Replacing the work voids it. */
  work: Work | null = null
  /** Not fetched: a new leader or a recreated topic may not have what was read so far. */
  isUnproven = false
  /** The topic has another id than when the position was set, so the position is meaningless. */
  isRecreated = false
  /** The partition was removed: anything in flight for it is void. */
  isOver = false
  /** Monotonic milliseconds before which it is not fetched. */
  notBefore = 0
  failures = 0
  ticket: Ticket | null = null
  /** Monotonic milliseconds of the last answer about it. */
  answeredAt = Number.NEGATIVE_INFINITY
  /** As a broker named it last; null: none has. */
  endOffset: number | null = null
  /** Since the listener was told of the end, a broker has answered that nothing is new. */
  isUnchanged = false
  problem: PartitionProblem | null = null
  /** When the problem began, in monotonic milliseconds: a wall clock may be set back. */
  problemAt = 0
  /** Whether the listener was told: problems shorter than a second are not reported. */
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

  /** Leader epoch of the record before the position; -1: not known. */
  get lastEpoch(): number {
    return this.epochBefore(this.position)
  }

  /** Leader epoch of the record before the offset; -1: not known, or not read. */
  epochBefore(offset: number): number {
    if (offset > this.position) return -1
    return this.#epochs.findLast(({ from }) => from < offset)?.epoch ?? -1
  }

  /** Adds the epochs of the batches from the position on. */
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

  /** Starts work. Earlier results and work in progress are void. */
  begin(kind: Work['kind']): Work {
    this.work = { kind, heldUntil: null }
    // An answer in flight was requested on assumptions that may no longer hold.
    this.ticket = null
    return this.work
  }

  /** false: the work is void and must change nothing. */
  isAt(work: Work): boolean {
    return !this.isOver && this.work === work
  }

  /** Moves the position. Answers in flight for the old one are void. */
  seek(offset: number): void {
    this.position = offset
    this.ticket = null
  }
}
