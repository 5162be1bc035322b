import type {
  BuildInfo,
  CertificateStatus,
  HistogramSnapshot,
  Meters,
  PartitionStatus,
  ScalingReport,
  ServiceStatus,
} from '../types.ts'

/** All data of one scrape, taken at the same moment. */
export interface Reading {
  readonly meters: Meters
  readonly status: ServiceStatus
  /** `status.partitions` without repetitions: a repeated series fails the whole scrape. */
  readonly partitions: readonly PartitionStatus[]
  /** The whole group; null if nobody reads it. */
  readonly scaling: ScalingReport | null
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

/** One value for each partition that is assigned now. */
export function perPartition(
  value: (partition: PartitionStatus, reading: Reading) => number | null,
): ScalarDefinition['read'] {
  return (reading) =>
    reading.partitions.map((status) => ({
      labels: { topic: status.topic, partition: status.partition },
      value: value(status, reading),
    }))
}

/** One value for each entry of a record of counts. */
export function perKey(
  label: string,
  counts: (reading: Reading) => Readonly<Record<string, number>>,
): ScalarDefinition['read'] {
  return (reading) =>
    Object.entries(counts(reading)).map(([key, value]) => ({ labels: { [label]: key }, value }))
}

/** One value for each entry of the counts of each meter. @param labels Of the meter, of the entry. */
export function perMeterKey<Meter>(
  [ofMeter, ofEntry]: readonly [string, string],
  metersOf: (meters: Meters) => Iterable<readonly [string, Meter]>,
  countsOf: (meter: Meter) => ReadonlyMap<string, number> | Readonly<Record<string, number>>,
): ScalarDefinition['read'] {
  return ({ meters }) =>
    Array.from(metersOf(meters)).flatMap(([name, meter]) => {
      const counts = countsOf(meter)
      const entries = counts instanceof Map ? [...counts] : Object.entries(counts)
      return entries.map(([key, value]) => ({ labels: { [ofMeter]: name, [ofEntry]: key }, value }))
    })
}
