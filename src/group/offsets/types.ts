import type { TopicPartition } from '../../kernel/shapes/record.ts'
import type { OperatorMove } from '../../kernel/shapes/replay.ts'

/** One partition: what the log has, and what is stored for the group. */
export interface StoredOffset extends TopicPartition, OperatorMove {
  /** First offset in the log. */
  readonly low: number
  /** The offset that the next record will get, before any open transaction. */
  readonly end: number
  /** null: none is stored, or one of a topic of that name that was deleted. */
  readonly committed: number | null
  /** Which topic of that name it is now; null or absent: not known. */
  readonly topicId?: string | null
  /** The member that has it, as `client id (address)`; null: none, or it cannot be seen. */
  readonly owner: string | null
}

export interface GroupOffsets {
  /** null: this user may not describe the group. */
  readonly members: number | null
  /** Ordered by topic and number. */
  readonly partitions: readonly StoredOffset[]
  /** The table beside Kafka that decides where partitions begin; null: Kafka does. */
  readonly table: string | null
}

/** An offset to be stored. */
export interface OffsetToStore extends TopicPartition, OperatorMove {
  readonly offset: number
}

/** Where the offsets of a group are kept: on the brokers, or elsewhere. */
export interface OffsetStore {
  /**
   * @param topics null: those with a stored offset. Rejects with OCC_TOPIC_UNKNOWN if one does not
   *   exist.
   */
  read(topics: readonly string[] | null): Promise<GroupOffsets>
  /** The first record at or after the time (milliseconds since the epoch); null: there is none. */
  offsetsAt(
    partitions: readonly TopicPartition[],
    time: number,
  ): Promise<ReadonlyMap<string, number | null>>
  /**
   * Timestamps of the records at these offsets, milliseconds since the epoch; null: there is none.
   * Keys of both are `partitionName`s.
   */
  timesAt(
    places: readonly (TopicPartition & { readonly offset: number })[],
  ): Promise<ReadonlyMap<string, number | null>>
  /**
   * Stores all of them at once, for a group without members. Rejects with OCC_GROUP_ACTIVE if it
   * has any.
   */
  store(offsets: readonly OffsetToStore[]): Promise<void>
  close(): Promise<void>
}

/** A change of one offset, as asked of the members. */
export interface LiveMove extends TopicPartition {
  readonly offset: number
  /** The offset that was seen; a member that has got further since may be moved. */
  readonly committed: number | null
  /** The last change that was seen. The partition is not moved if another one followed it. */
  readonly move: string | null
}

/** One change of several offsets. */
export interface MoveOrder {
  readonly group: string
  /** Id of this change. */
  readonly id: string
  readonly moves: readonly LiveMove[]
  /** Duplicates are left out of what is handled once more. */
  readonly deduplicates: boolean
  /** Records that nobody handled may be passed by. */
  readonly allowsSkip: boolean
}

/** What the member that has the partition says. */
export interface MoveAnswer extends TopicPartition {
  /** Where it was; null: not moved. */
  readonly before: number | null
  /** Why it was not moved; null: it was. */
  readonly reason: string | null
}

/** The members of a group, as far as they can be reached. */
export interface ReachableMembers {
  move(order: MoveOrder): Promise<MoveAnswers>
}

export interface MoveAnswers {
  /** Only for partitions that a reached member has. */
  readonly answers: readonly MoveAnswer[]
  /** Who could not be asked, and why, for people. */
  readonly unreached: readonly string[]
}
