import type {
  BuildInfo,
  CertificateStatus,
  FastHistogram,
  GroupReport,
  HistogramSnapshot,
  Meters,
  OfGroup,
  PartitionStatus,
  ScalingReport,
  ServiceStatus,
  TopicMeter,
} from '../types.ts'

/** All data of one scrape, taken at the same moment. */
export interface Reading {
  readonly meters: Meters
  readonly status: ServiceStatus
  /**
   * `status.partitions`, each once in a group: a repeated series fails the whole scrape. All metrics share the
   * labels of one, which are written as text once.
   */
  readonly partitions: ReadonlyArray<readonly [Labels, PartitionStatus]>
  readonly ready: boolean
  /** All groups together; null if nobody reads them. */
  readonly scaling: ScalingReport | null
  /** Each of them. */
  readonly groups: readonly GroupReport[]
  /** Each name and subject once. */
  readonly certificates: readonly CertificateStatus[]
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Monotonic, milliseconds. */
  readonly monotonic: number
  readonly build: BuildInfo
}

export type Labels = Readonly<Record<string, string | number>>

/** null is left out: unknown is not zero. */
export interface Sample {
  readonly labels: Labels
  readonly value: number | null
}

export interface HistogramSample {
  readonly labels: Labels
  readonly histogram: HistogramSnapshot
}

interface Definition {
  /** Full name, as Prometheus sees it. */
  readonly name: string
  readonly help: string
  readonly unit: string
  readonly labels: readonly string[]
}

export interface ScalarDefinition extends Definition {
  readonly type: 'counter' | 'gauge'
  readonly read: (reading: Reading) => Iterable<Sample>
}

export interface HistogramDefinition extends Definition {
  readonly type: 'histogram'
  /** Upper bounds in seconds, without +Inf. */
  readonly buckets: readonly number[]
  readonly read: (reading: Reading) => Iterable<HistogramSample>
}

export type MetricDefinition = ScalarDefinition | HistogramDefinition

/** One value without labels. */
export function one(value: (reading: Reading) => number | null): ScalarDefinition['read'] {
  return (reading) => [{ labels: {}, value: value(reading) }]
}

/** The label of what belongs to the group of a handler; the group of the service has none. */
export function groupLabel({ group }: OfGroup): Labels {
  return group === undefined ? {} : { group }
}

/** Each topic of each group, with its labels and its meter. */
export function* topicMeters({ topics, groups }: Meters): Iterable<readonly [Labels, TopicMeter]> {
  for (const [topic, meter] of topics) yield [{ topic }, meter]
  for (const [group, own] of groups)
    for (const [topic, meter] of own) yield [{ topic, group }, meter]
}

/** Each meter of a map, with its name in this label. */
export function named<Meter>(
  label: string,
  meters: ReadonlyMap<string, Meter>,
): ReadonlyArray<readonly [Labels, Meter]> {
  return Array.from(meters, ([name, meter]) => [{ [label]: name }, meter])
}

/** One value for each partition that is assigned now. */
export function perPartition(
  value: (partition: PartitionStatus, reading: Reading) => number | null,
): ScalarDefinition['read'] {
  return (reading) =>
    reading.partitions.map(([labels, status]) => ({ labels, value: value(status, reading) }))
}

/** One value for each entry of a record of counts. */
export function perKey(
  label: string,
  counts: (reading: Reading) => Readonly<Record<string, number>>,
): ScalarDefinition['read'] {
  return (reading) =>
    Object.entries(counts(reading)).map(([key, value]) => ({ labels: { [label]: key }, value }))
}

/**
 * One value for each entry of the counts of each meter.
 *
 * @param label of the entry. @param metersOf each meter, with its labels.
 */
export function perMeterKey<Meter>(
  label: string,
  metersOf: (meters: Meters) => Iterable<readonly [Labels, Meter]>,
  countsOf: (meter: Meter) => ReadonlyMap<string, number> | Readonly<Record<string, number>>,
): ScalarDefinition['read'] {
  return ({ meters }) =>
    Array.from(metersOf(meters)).flatMap(([labels, meter]) => {
      const counts = countsOf(meter)
      const entries = counts instanceof Map ? [...counts] : Object.entries(counts)
      return entries.map(([key, value]) => ({ labels: { ...labels, [label]: key }, value }))
    })
}

/** One histogram of each meter. @param metersOf each meter, with its labels. */
export function perMeterHistogram<Meter>(
  metersOf: (meters: Meters) => Iterable<readonly [Labels, Meter]>,
  pick: (meter: Meter) => FastHistogram,
): HistogramDefinition['read'] {
  return ({ meters }) =>
    Array.from(metersOf(meters), ([labels, meter]) => ({
      labels,
      histogram: pick(meter).snapshot(),
    }))
}
