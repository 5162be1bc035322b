export interface TopicProgress {
  readonly end: number
  readonly lag: number
}

/** The whole group, over all pods, as the brokers know it. */
export interface GroupProgress {
  /** When it was read, milliseconds since the epoch. */
  readonly at: number
  /** Partitions of all topics: the max number of replicas that can have work. */
  readonly partitions: number
  readonly partitionsByTopic: Readonly<Record<string, number>>
  /** By topic: the sum of its end offsets, and its uncommitted records. Absent: not known. */
  readonly topics?: Readonly<Record<string, TopicProgress>>
  /** Uncommitted records, over all partitions. */
  readonly lag: number
  /**
   * Records a second that the group committed and that were produced; null before the second
   * reading.
   */
  readonly consumeRate: number | null
  readonly produceRate: number | null
  /** Members in all pods, and those without a partition; null: not known. */
  readonly members: number | null
  readonly idleMembers: number | null
  /**
   * How long the brokers keep records, in milliseconds; only topics with a limit that is visible to
   * us.
   */
  readonly retentionByTopic: Readonly<Record<string, number>>
}

/** One of the consumer groups of this process, as a whole. */
export interface GroupReport {
  /** Its name on the brokers. */
  readonly id: string
  /** It is that of a handler with `group: own`. */
  readonly isOwn: boolean
  readonly report: ScalingReport
}

export type AdviceKind = 'add-partitions' | 'remove-replicas' | 'raise-concurrency' | 'relax-order'

/** What an operator should do about the size of the group, written for users. */
export interface Advice {
  readonly kind: AdviceKind
  readonly text: string
  /** The group of a handler with `group: own` that it is about. Absent: that of the service. */
  readonly group?: string
}

/** Read at each scrape: cheap, synchronous, never throws. */
export interface ScalingSource {
  /** null until the brokers have answered once. */
  progress(): GroupProgress | null
  advice(): readonly Advice[]
}

/** The state of the whole group, for `/scale`, `/lag` and the metrics. */
export type ScalingReport =
  | { readonly known: false; readonly reason: string; readonly advice: readonly Advice[] }
  | {
      readonly known: true
      /** When the brokers were asked, milliseconds since the epoch. */
      readonly at: number
      readonly ageSeconds: number
      readonly lag: number
      readonly partitions: number
      readonly members: number | null
      /** Number of pods, derived from the members: an estimate while pods start and stop. */
      readonly replicas: number | null
      /** Records a second. */
      readonly consumeRate: number | null
      readonly produceRate: number | null
      /**
       * Seconds until the lag is gone at the present rates; null if it never is, or the rates are
       * not known.
       */
      readonly secondsToDrain: number | null
      /** null if `scaling.lagPerPod` is 0. */
      readonly wantedReplicas: number | null
      /**
       * The lag for an autoscaler: `lag`, or while held the lag that fits the present number of
       * pods.
       */
      readonly scalingLag: number
      /** Why more pods would not help now; null when they might. */
      readonly hold: string | null
      readonly advice: readonly Advice[]
    }

export interface ScalingReportSource {
  /** Of several groups: what the process wants as a whole. */
  report(): ScalingReport
  /** The report of each group. Absent: there is only that of the service. */
  groups?(): readonly GroupReport[]
}
