/** The whole group, all pods together, as the brokers know it. */
export interface GroupProgress {
  /** When it was read, milliseconds since the epoch. */
  readonly at: number
  /** Partitions of all topics together: the most replicas that can have work. */
  readonly partitions: number
  readonly partitionsByTopic: Readonly<Record<string, number>>
  /** Records not yet committed, of all partitions. */
  readonly lag: number
  /** Records a second that the group committed, and that were produced; null until read twice. */
  readonly consumeRate: number | null
  readonly produceRate: number | null
  /** Members of all pods, and those of them without a partition; null while not known. */
  readonly members?: number | null
  readonly idleMembers?: number | null
  /** Milliseconds that the brokers keep records; only topics where it is limited and may be seen. */
  readonly retentionByTopic?: Readonly<Record<string, number>>
}

export type AdviceKind = 'add-partitions' | 'remove-replicas' | 'raise-concurrency'

/** What an operator should do about the size of the group, in a user's words. */
export interface Advice {
  readonly kind: AdviceKind
  readonly text: string
}

/** Read at each scrape: cheap, synchronous, never throws. */
export interface ScalingSource {
  /** null until the brokers have answered once. */
  progress(): GroupProgress | null
  advice(): readonly Advice[]
}

/** What `/scale`, `/lag` and the metrics say about the whole group. */
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
      /** Pods, from the members: an estimate while pods come and go. */
      readonly replicas: number | null
      /** Records a second. */
      readonly consumeRate: number | null
      readonly produceRate: number | null
      /** Until the lag is gone at the present rates; null when it never is, or the rates are not known. */
      readonly secondsToDrain: number | null
      /** null where `scaling.lagPerPod` is 0. */
      readonly wantedReplicas: number | null
      /** The lag that an autoscaler is to go by: `lag`, or while held that of the pods there are. */
      readonly scalingLag: number
      /** Why more pods would not help now; null when they might. */
      readonly hold: string | null
      readonly advice: readonly Advice[]
    }

export interface ScalingReportSource {
  report(): ScalingReport
}

/** A certificate in one of the PEM files, as it is on disk now. */
export interface CertificateStatus {
  /** `ca`: vouches for the brokers. `client`: shown to the brokers, or of its chain. */
  readonly name: 'ca' | 'client'
  readonly subject: string
  /** Milliseconds since the epoch. */
  readonly notAfter: number
}

/** Read at each scrape: cheap, synchronous, never throws. Empty without TLS. */
export interface CertificateSource {
  certificates(): readonly CertificateStatus[]
}
