import type {
  CertificateStatus,
  GroupReport,
  PartitionStatus,
  ServiceStatus,
  SinkMeter,
} from '../../types.ts'
import type { Counts } from '../tally.ts'
import type { Condition, Numbers, PartitionOverview } from '../types.ts'

/** Everything that conditions are told from. */
export interface Situation {
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly status: ServiceStatus
  /** Those of this process, each once in a group. */
  readonly partitions: ReadonlyArray<PartitionStatus & { readonly overview: PartitionOverview }>
  readonly numbers: Numbers
  readonly groups: readonly GroupReport[]
  readonly certificates: readonly CertificateStatus[]
  readonly sinks: ReadonlyMap<string, Pick<SinkMeter, 'up' | 'waiting'>>
  /** Calls that do not end, by handler. */
  readonly hanging: ReadonlyMap<string, number>
  readonly counts: Counts
  /** How much a count has grown within so many milliseconds. */
  grown(count: keyof Counts, within: number): number
  /** When a count grew last, milliseconds since the epoch; null: never. */
  grewAt(count: keyof Counts): number | null
}

/** One kind of condition: null while it does not hold. */
export type Rule = (situation: Situation) => Condition | null
