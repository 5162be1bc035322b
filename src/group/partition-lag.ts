import { partitionName, type TopicPartition } from '../kernel/shapes/record.ts'

/** One partition of a group at one moment; null: not known. */
export interface PartitionReading extends TopicPartition {
  /** First offset in the log. */
  readonly low: number | null
  readonly end: number | null
  readonly committed: number | null
  /**
   * What was committed is of a topic of that name that was deleted: of this one nothing is, and it is
   * read from its first record. Absent: it is not.
   */
  readonly isAnew?: boolean
  /** Timestamp of the first uncommitted record; null also if there is none. */
  readonly oldest: number | null
  /** Milliseconds that the brokers keep records; null also if they keep them forever. */
  readonly retention: number | null
}

export interface GroupSample {
  /** Monotonic milliseconds. */
  readonly at: number
  /** By name of the partition. */
  readonly partitions: ReadonlyMap<string, PartitionReading>
}

/**
 * - `ok`: nothing waits, or only records of the last seconds;
 * - `behind`: records wait, and the lag does not grow;
 * - `growing`: records arrive faster than they are committed;
 * - `stalled`: records wait, and nothing was committed between the readings;
 * - `held`: an operator or a circuit has paused it, or it waits for a schema, for dead letters, or
 *   until it is known what operators have paused;
 * - `unknown`: too little is known.
 */
export type Trend = 'ok' | 'behind' | 'growing' | 'stalled' | 'held' | 'unknown'

/** The lag of one partition. Times in milliseconds, rates in records a second; null: not known. */
export interface PartitionLag extends PartitionReading {
  /** Uncommitted records that are still in the log. */
  readonly lag: number | null
  /** Uncommitted records that retention has deleted. */
  readonly lost: number | null
  /** Age of the oldest uncommitted record; 0: there is none. null also if its time is still to come. */
  readonly age: number | null
  /** Until retention deletes the oldest uncommitted record. */
  readonly untilLoss: number | null
  readonly consumeRate: number | null
  readonly produceRate: number | null
  /** Until the lag is gone at these rates; null also if it never is. */
  readonly eta: number | null
  readonly trend: Trend
}

/** Records of the last ten seconds are in transit. */
const IN_TRANSIT = 10_000
/** Clocks differ by less. A record that is dated further ahead does not tell how old it is. */
const CLOCKS_DIFFER = 10_000
/** Within less time, a group that commits once a second may have committed nothing. */
const SHORTEST_STALL = 3_000
/** Rates are averages of samples; smaller differences are ignored. */
const RATE_MARGIN = 1.02

/**
 * The lag of each partition of the newer sample.
 * @param before null: there is only one sample, so that rates and most trends are not known
 * @param now milliseconds since the epoch
 * @param held names of the partitions that are paused
 */
export function partitionLags(
  before: GroupSample | null,
  sample: GroupSample,
  now: number,
  held: ReadonlySet<string> = new Set(),
): readonly PartitionLag[] {
  const elapsed = before === null ? 0 : sample.at - before.at
  return Array.from(sample.partitions.values(), (reading) => {
    const name = partitionName(reading)
    const then = before?.partitions.get(name) ?? null
    const facts = { ...reading, ...lagOf(reading, now), ...ratesOf(then, reading, elapsed) }
    const trend = held.has(name) ? 'held' : trendOf(then, facts, elapsed)
    return { ...facts, eta: etaOf(facts), trend }
  })
}

type Facts = Omit<PartitionLag, 'trend' | 'eta'>

/**
 * Uncommitted records that are still in the log. null: what was committed is beyond its end, so it
 * belongs to another log: the topic was recreated, or its log was cut.
 */
export function uncommitted(low: number, end: number, committed: number): number | null {
  return committed > end ? null : Math.max(0, end - Math.max(committed, low))
}

/** Where its next reader begins; null: nothing is committed, or nothing is known. */
export function committedOf({ low, committed, isAnew = false }: PartitionReading): number | null {
  return isAnew ? low : committed
}

function lagOf(reading: PartitionReading, now: number) {
  const { low, end, oldest, retention } = reading
  const committed = committedOf(reading)
  if (end === null || committed === null) {
    return { lag: null, lost: null, age: null, untilLoss: null }
  }
  const lag = uncommitted(low ?? 0, end, committed)
  if (lag === null) return { lag, lost: null, age: null, untilLoss: null }
  const lost = low === null ? null : Math.max(0, Math.min(low, end) - committed)
  if (lag === 0) return { lag, lost, age: 0, untilLoss: retention }
  const age = oldest === null || oldest > now + CLOCKS_DIFFER ? null : Math.max(0, now - oldest)
  return { lag, lost, age, untilLoss: age === null || retention === null ? null : retention - age }
}

/** Nothing is known where an offset went back: a rewind, or a recreated topic. */
function ratesOf(then: PartitionReading | null, now: PartitionReading, elapsed: number) {
  const rate = (from: number | null | undefined, to: number | null) =>
    from == null || to === null || to < from || elapsed <= 0 ? null : ((to - from) / elapsed) * 1000
  return {
    consumeRate: rate(then?.committed, now.committed),
    produceRate: rate(then?.end, now.end),
  }
}

function trendOf(then: PartitionReading | null, facts: Facts, elapsed: number): Trend {
  const { lag, age, oldest, consumeRate, produceRate } = facts
  if (lag === null) return 'unknown'
  if (lag === 0 || (age !== null && age <= IN_TRANSIT)) return 'ok'
  // Dated ahead: what is committed within the time of transit is in transit.
  const isAhead = age === null && oldest !== null
  if (isAhead && lag <= ((consumeRate ?? 0) * IN_TRANSIT) / 1000) return 'ok'
  if (consumeRate === null || produceRate === null) return 'unknown'
  const waited = (then?.end ?? 0) > ((then && committedOf(then)) ?? 0)
  if (consumeRate === 0 && waited) return elapsed < SHORTEST_STALL ? 'unknown' : 'stalled'
  return produceRate > consumeRate * RATE_MARGIN ? 'growing' : 'behind'
}

function etaOf({ lag, consumeRate, produceRate }: Facts): number | null {
  if (lag === null) return null
  if (lag === 0) return 0
  if (consumeRate === null || produceRate === null || consumeRate <= produceRate) return null
  return (lag / (consumeRate - produceRate)) * 1000
}

/** The group as its partitions make it. */
export interface LagTotals extends Pick<PartitionLag, 'age' | 'untilLoss' | 'eta' | 'trend'> {
  /** The sum of those that are known; null: none is. */
  readonly lag: number | null
  readonly lost: number | null
  readonly partitions: number
  readonly unknownPartitions: number
}

/** From good to bad: the group has the worst of its partitions. */
const WORSE: readonly Trend[] = ['ok', 'behind', 'unknown', 'held', 'growing', 'stalled']

export function lagTotals(partitions: readonly PartitionLag[]): LagTotals {
  const known = partitions.filter(({ lag }) => lag !== null)
  const sum = (values: ReadonlyArray<number | null>) =>
    values.every((value) => value === null)
      ? null
      : values.reduce<number>((total, value) => total + (value ?? 0), 0)
  const ages = known.map(({ age }) => age)
  const limits = known.flatMap(({ untilLoss }) => untilLoss ?? [])
  const etas = partitions.map(({ eta }) => eta)
  return {
    lag: sum(known.map(({ lag }) => lag)),
    lost: sum(known.map(({ lost }) => lost)),
    age: largest(ages),
    untilLoss: limits.length === 0 ? null : Math.min(...limits),
    // The slowest decides: while one never ends, the group does not.
    eta: largest(etas),
    trend: WORSE[Math.max(...partitions.map(({ trend }) => WORSE.indexOf(trend)))] ?? 'unknown',
    partitions: partitions.length,
    unknownPartitions: partitions.length - known.length,
  }
}

/** null: one of them is not known, or there is none. */
function largest(values: ReadonlyArray<number | null>): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 || known.length < values.length ? null : Math.max(...known)
}
