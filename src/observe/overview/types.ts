import type { OldestRecord } from '../../kernel/shapes/oldest-record.ts'
import type { PauseReport } from '../../kernel/shapes/pause-report.ts'
import type { Replay } from '../../kernel/shapes/replay.ts'
import type {
  Advice,
  CertificateStatus,
  ConfigStatus,
  HandlerMeter,
  LetterKind,
  MemberStatus,
  ServiceState,
} from '../types.ts'

/**
 * What the page shows, `/api/v1/status` answers and `status` prints: this process and what it knows
 * of its groups. Times are ISO 8601 in UTC, durations seconds, rates records a second; null: not
 * known. Fields may be added to a version, and none is taken away or changes its meaning.
 */
export interface Overview {
  readonly version: 1
  readonly at: string
  readonly service: {
    readonly version: string
    /** Host name: in a cluster, the pod. */
    readonly pod: string
    /** Name of the consumer group of the service. */
    readonly group: string
    readonly state: ServiceState
    readonly startedAt: string
    readonly ready: boolean
  }
  /** How it does, in one sentence: the first that holds of all conditions. */
  readonly sentence: Condition
  /** Everything else that somebody should know, the worst first. */
  readonly notes: readonly Condition[]
  readonly numbers: Numbers
  readonly history: History
  readonly partitions: readonly PartitionOverview[]
  /** What operators have paused, in all pods of the group. */
  readonly pauses: readonly PauseReport[]
  /** For how long the brokers have not told of pauses: others may have changed them since. null: they do. */
  readonly pausesAgeSeconds: number | null
  /** Work of this process, now. */
  readonly load: LoadOverview
  readonly handlers: readonly HandlerOverview[]
  readonly sinks: readonly SinkOverview[]
  readonly letters: {
    /** Since the start of this process. */
    readonly kept: number
    readonly waiting: number
    /** Those that this process kept, by handler and error; the newest first. */
    readonly kinds: readonly LetterKind[]
  }
  readonly groups: readonly GroupOverview[]
  /** The other pods of the release, as far as `http.peers` names them, and when each said what it has. */
  readonly pods: readonly PodOverview[]
  readonly members: readonly Omit<MemberStatus, 'lastTurn'>[]
  readonly advice: readonly Advice[]
  readonly certificates: ReadonlyArray<
    Omit<CertificateStatus, 'notAfter'> & { readonly notAfter: string; readonly daysLeft: number }
  >
  readonly config: ConfigStatus
}

/** From good to bad. `info`: nothing to do. */
export type Level = 'ok' | 'info' | 'warning' | 'critical'

/** Something that holds now. */
export interface Condition {
  /** `keeping-up`, `falling-behind`, ... */
  readonly name: string
  readonly level: Level
  readonly text: string
  /** Heading in docs/operations.md, as an anchor; null: there is nothing to read. */
  readonly chapter: string | null
}

/** Of this process, now. */
export interface Numbers {
  /** Age of the oldest record that is known and not handled. */
  readonly lagSeconds: number | null
  readonly lagRecords: number | null
  /**
   * Its partitions of which it is not known what was produced lately: `lagRecords` has them as they were, and
   * `endAgeSeconds` is the longest time since a broker told of one; null: none ever has.
   */
  readonly unknownPartitions: number
  readonly endAgeSeconds: number | null
  /** Produced to its partitions, and finished, over the last minute. */
  readonly inPerSecond: number | null
  readonly outPerSecond: number | null
  /** From the record's timestamp until it was finished, over the last minute. */
  readonly p99Seconds: number | null
  /** Until retention may delete unread records, and where first. */
  readonly secondsUntilLoss: number | null
  readonly firstLoss: string | null
  /** Until the lag is gone at these rates, by the slowest partition of those that do not keep up. */
  readonly secondsToDrain: number | null
  readonly slowest: string | null
  /** Since the start of this process: deleted before they were read. */
  readonly lostRecords: number
}

/** Columns of samples, the oldest first: at most 15 minutes of this process. */
export interface History {
  /** Seconds between two samples. */
  readonly interval: number
  /** Milliseconds since the epoch. */
  readonly at: readonly number[]
  readonly lagSeconds: ReadonlyArray<number | null>
  readonly inPerSecond: ReadonlyArray<number | null>
  readonly outPerSecond: ReadonlyArray<number | null>
  readonly p99Seconds: ReadonlyArray<number | null>
  readonly secondsUntilLoss: ReadonlyArray<number | null>
  /** Rebalances since the sample before. */
  readonly rebalances: readonly number[]
}

/**
 * - `ok`: nothing waits, or only records of the last seconds;
 * - `behind`: records wait, and the lag does not grow;
 * - `growing`: records arrive faster than they are committed;
 * - `stalled`: records wait, and nothing is committed or can be fetched;
 * - `held`: an operator or a circuit has paused it, or it waits for a schema, for dead letters, or
 *   until it is known what operators have paused;
 * - `not mine`: another member has it, or nobody;
 * - `unknown`: too little is known yet, or what the brokers said is too old.
 */
export type PartitionWord =
  | 'ok'
  | 'behind'
  | 'growing'
  | 'stalled'
  | 'held'
  | 'not mine'
  | 'unknown'

export interface PartitionOverview {
  /** The group of a handler with `group: own`; absent: that of the service. */
  readonly group?: string
  readonly topic: string
  readonly partition: number
  readonly word: PartitionWord
  /** null: it is not mine. */
  readonly facts: PartitionFacts | null
  /** What the pod that has it said last. Absent: it is mine, or no pod has said that it has it. */
  readonly told?: Told
}

/** A partition of another pod, as that pod has said it. */
export interface Told {
  /** Host name. */
  readonly pod: string
  readonly address: string
  readonly at: string
  readonly ageSeconds: number
  /** False: the pod does not answer any more, and how it is now is not known. */
  readonly isCurrent: boolean
  readonly word: PartitionWord
  readonly facts: PartitionFacts
}

export interface ToldPartition extends PartitionOverview {
  readonly facts: PartitionFacts
}

/** What a pod says of itself. */
export interface ToldByPod {
  /** Host name. */
  readonly pod: string
  /** Those that it has. */
  readonly partitions: readonly ToldPartition[]
}

/** What is known of another pod. */
export interface PodReport {
  readonly address: string
  /** The last that it said, and when, milliseconds since the epoch; null: nothing yet. */
  readonly told: (ToldByPod & { readonly at: number }) | null
  /** Why it has not answered the last time; null: it has. */
  readonly problem: string | null
}

/** The other pods of the release. */
export interface OtherPods {
  /** The same array until something is learned. */
  reports(): readonly PodReport[]
}

export interface PodOverview {
  /** null: it has not said anything yet. */
  readonly pod: string | null
  readonly address: string
  /** When it said what it has. */
  readonly at: string | null
  readonly ageSeconds: number | null
  /** Partitions that it had then. */
  readonly partitions: number | null
  /** Why it does not answer; null: it does. */
  readonly problem: string | null
}

export interface PartitionFacts {
  /** Since a broker named the end, from which `lag` is told; null: none ever has. */
  readonly endAgeSeconds: number | null
  /** False: that is too long ago to say how it is now. */
  readonly isCurrent: boolean
  readonly lag: number | null
  readonly lagSeconds: number | null
  readonly secondsUntilLoss: number | null
  readonly secondsToDrain: number | null
  readonly inPerSecond: number | null
  readonly outPerSecond: number | null
  readonly end: number | null
  readonly committed: number | null
  readonly position: number | null
  readonly inFlight: number
  readonly retrying: number
  readonly suspects: number
  /** Since the longest unfinished record was taken; null: there is none. */
  readonly oldestInFlightSeconds: number | null
  /** Of these, the one that was taken first; null: there is none. */
  readonly oldest: OldestRecord | null
  /** What an operator has handled once more; null: nothing. */
  readonly replay: Pick<Replay, 'from' | 'to'> | null
  /** Why nothing new is handed over or fetched. */
  readonly pausedBy: string | null
  /** Why it cannot be fetched. */
  readonly problem: string | null
  /** Records that an open transaction holds back; null: none. */
  readonly blockedByTransaction: number | null
  readonly member: string
}

export interface LoadOverview {
  /** Pieces of work in flight, records or batches, and how many there may be at most. */
  readonly inFlight: number
  readonly concurrency: number
  /** Records that were fetched and are not taken yet; those that wait for their next attempt. */
  readonly queued: number
  readonly retrying: number
  /** Of what is queued and in flight, and its limit. */
  readonly bufferedBytes: number
  readonly maxBytes: number
}

/** Over the last minute, but for what is said to be of now. */
export interface HandlerOverview {
  readonly name: string
  readonly outcomesPerMinute: Readonly<HandlerMeter['outcomes']> | null
  readonly p99Seconds: number | null
  /** Now: `open` or `held` while nothing is handed to it. */
  readonly circuit: 'closed' | 'open' | 'held'
  readonly circuitSince: string | null
  /** Now: messages that it was called with and has not answered. */
  readonly inFlight: number
  /** Now: messages that wait for its `concurrency` or `maxRecordsPerSecond`. */
  readonly waiting: number
  readonly suspects: number
  /** Now: calls that do not end, long after their timeout. */
  readonly hanging: number
}

/** Over the last minute, but for what is said to be of now. */
export interface SinkOverview {
  readonly name: string
  /** Now: whether the last write succeeded. */
  readonly up: boolean
  /** Now: values that it has not acknowledged. */
  readonly waiting: number
  readonly valuesPerMinute: number | null
  readonly errorsPerMinute: number | null
  readonly p99Seconds: number | null
}

/** A group over all pods, as the brokers know it. */
export interface GroupOverview {
  readonly id: string
  /** It is that of a handler with `group: own`. */
  readonly isOwn: boolean
  /** Why the rest is not known; null: it is. */
  readonly unknown: string | null
  readonly ageSeconds: number | null
  readonly lag: number | null
  readonly partitions: number | null
  readonly members: number | null
  readonly inPerSecond: number | null
  readonly outPerSecond: number | null
  readonly secondsToDrain: number | null
  /** Why more pods would not help. */
  readonly hold: string | null
}

/** The newest overview: at most a second old. Cheap, and never throws. */
export interface OverviewSource {
  overview(): Overview
}
