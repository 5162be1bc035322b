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
  /** Id of the topic that the position is for; null: not known. */
  topicId: string | null
  /** The position is known to belong to this topic, not to an older one of the same name. */
  isOfTopic: boolean
  /** From the metadata; -1: there is none, or it is not known. */
  leader = -1
  leaderEpoch = -1
  /** Epochs of what was read, ascending. They show whether a new leader has the same records. */
  #epochs: EpochStart[] = []
  /**
   * What an earlier assignment finished beyond the position: up to which offset, and the leader
   * epoch of its last record. null: nothing, or it is not known.
   */
  #inherited: { readonly to: number; readonly epoch: number } | null = null
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

  constructor(begun: BegunPartition, topicId: string | null) {
    const { topic, partition, startOffset, leaderEpoch = -1, topicId: known } = begun
    const { finished, finishedEpoch: epoch = -1 } = begun
    this.topic = topic
    this.partition = partition
    this.name = partitionName({ topic, partition })
    this.position = startOffset
    // Without metadata, as between two topics of the same name, the commit tells which one it was.
    this.topicId = topicId ?? known
    this.isOfTopic = topicId !== null && known === topicId
    if (leaderEpoch >= 0) this.#epochs = [{ from: startOffset - 1, epoch: leaderEpoch }]
    const last = finished.at(-1)
    if (last !== undefined && epoch >= 0) this.#inherited = { to: last.to, epoch }
  }

  /** Leader epoch of the record before the position; -1: not known. */
  get lastEpoch(): number {
    return this.epochBefore(this.position)
  }

  /** The newest leader epoch of which something was read or finished; -1: not known. */
  get newestEpoch(): number {
    return Math.max(this.lastEpoch, this.#inherited?.epoch ?? -1)
  }

  /** Where what was finished before this assignment ends; the position if nothing is beyond it. */
  get inheritedEnd(): number {
    return Math.max(this.position, this.#inherited?.to ?? 0)
  }

  /** Leader epoch of the record before the offset; -1: not known, or not read. */
  epochBefore(offset: number): number {
    if (offset > this.position) {
      return offset <= this.inheritedEnd ? (this.#inherited?.epoch ?? -1) : -1
    }
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

  /** Other records have the offsets of what was finished beyond the position. */
  forgetInherited(): void {
    this.#inherited = null
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
