import type {
  GroupSample,
  PartitionLag,
  PartitionReading,
  partitionLags,
  Trend,
} from '../../group/partition-lag.ts'
import { partitionName } from '../../kernel/shapes/record.ts'
import type { PartitionStatus } from '../types.ts'
import type { PartitionOverview, PartitionWord } from './types.ts'

/** Rates are those of this time. Milliseconds. */
const WINDOW = 60_000
/** What has committed nothing for less time may wait for its first commit. */
const SHORTEST_STALL = 30_000
/** An end that a broker named longer ago, and that many intervals ago, says nothing of now. */
const OLD = 30_000
const OLD_INTERVALS = 3

/** Why nothing new is handed over, although it could be fetched. */
export const HOLDS: readonly string[] = [
  ...['operator', 'pauses', 'circuit', 'decode', 'schema', 'dead-letters', 'parked'],
]

/** What the partitions of this process do, told from several looks at them. */
export interface PartitionWords {
  /** Takes note of where they are now. */
  look(partitions: readonly PartitionStatus[], at: number): void
  /** @param at monotonic milliseconds @param now milliseconds since the epoch */
  words(
    partitions: readonly PartitionStatus[],
    at: number,
    now: number,
  ): Array<PartitionOverview & { readonly facts: object }>
}

/**
 * @param lags how lags, rates and trends follow from two looks
 * @param lagInterval milliseconds between two requests for the end of a partition that is not fetched
 */
export function createPartitionWords(
  lags: typeof partitionLags,
  lagInterval: number,
): PartitionWords {
  const looks = new Map<string, GroupSample[]>()
  const oldAfter = Math.max(OLD, OLD_INTERVALS * lagInterval)

  function byGroup(partitions: readonly PartitionStatus[]) {
    return Map.groupBy(partitions, ({ group }) => group ?? '')
  }

  return {
    look(partitions, at) {
      const groups = byGroup(partitions)
      for (const group of looks.keys()) if (!groups.has(group)) looks.delete(group)
      for (const [group, own] of groups) {
        const sample = sampleOf(own, at)
        const before = looks.get(group) ?? []
        const isSame = sameNames(before.at(-1), sample)
        const kept = isSame ? before.filter((each) => each.at >= at - WINDOW) : []
        looks.set(group, [...kept, sample])
      }
    },
    words(partitions, at, now) {
      return [...byGroup(partitions)].flatMap(([group, own]) => {
        const before = looks.get(group)?.[0] ?? null
        const held = own.filter(({ pausedBy }) => HOLDS.includes(pausedBy ?? ''))
        const all = lags(before, sampleOf(own, at), now, new Set(held.map(partitionName)))
        const elapsed = before === null ? 0 : at - before.at
        return own.flatMap((status, index) => {
          const lag = all[index]
          return lag === undefined
            ? []
            : [overviewOf(status, settled(status, lag), { elapsed, at, now, oldAfter })]
        })
      })
    },
  }
}

function sampleOf(partitions: readonly PartitionStatus[], at: number): GroupSample {
  return {
    at,
    partitions: new Map(partitions.map((each) => [partitionName(each), readingOf(each)])),
  }
}

function readingOf(status: PartitionStatus): PartitionReading {
  const { topic, partition, endOffset, committedOffset, oldestUnprocessedTime: oldest } = status
  const isDone = isHandled(status)
  return {
    ...{ topic, partition, oldest, end: endOffset },
    // What retention has deleted is below the position, and counted elsewhere.
    low: 0,
    // Nothing was ever committed, and there is nothing to commit.
    committed: committedOffset ?? (isDone ? endOffset : null),
    retention: null,
  }
}

/** After a rebalance, what other partitions did says nothing of these. */
function sameNames(before: GroupSample | undefined, { partitions }: GroupSample): boolean {
  if (before?.partitions.size !== partitions.size) return false
  return partitions.keys().every((name) => before.partitions.has(name))
}

interface Moment {
  /** Monotonic milliseconds. */
  readonly at: number
  /** Of these, since the look that rates are told from. */
  readonly elapsed: number
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Milliseconds after which an end is that of another time. */
  readonly oldAfter: number
}

function overviewOf(
  status: PartitionStatus,
  lag: PartitionLag,
  { elapsed, at, now, oldAfter }: Moment,
) {
  const { group, topic, partition, retentionHeadroom: headroom, oldestTakenAt: takenAt } = status
  const endAge = status.endKnownAt === null ? null : Math.max(0, now - status.endKnownAt)
  const isCurrent = endAge !== null && endAge <= oldAfter && !isApart(status)
  const word = wordOf(status, lag.trend, elapsed, isCurrent)
  // The rates are of a time when it was neither.
  const stands = word === 'held' || word === 'stalled'
  const { replay } = status
  return {
    ...(group !== undefined && { group }),
    ...{ topic, partition, word },
    facts: {
      endAgeSeconds: seconds(endAge),
      isCurrent,
      lag: lag.lag,
      // The age of a record that waits is known, however many came since; that none waits is not.
      lagSeconds: isCurrent || lag.age !== 0 ? seconds(lag.age) : null,
      secondsUntilLoss: seconds(headroom ?? null),
      secondsToDrain: stands || !isCurrent ? null : seconds(lag.eta),
      inPerSecond: isCurrent ? lag.produceRate : null,
      outPerSecond: lag.consumeRate,
      end: status.endOffset,
      committed: status.committedOffset,
      position: status.position,
      inFlight: status.inFlight,
      retrying: status.retrying,
      suspects: status.suspects,
      oldestInFlightSeconds: takenAt === null ? null : Math.max(0, at - takenAt) / 1000,
      oldest: status.oldest,
      replay: replay === null ? null : { from: replay.from, to: replay.to },
      pausedBy: status.pausedBy,
      problem: status.problem === null ? null : status.problem.message,
      blockedByTransaction: status.blockedByTransaction?.records ?? null,
      member: status.member,
    },
  }
}

function wordOf(
  { problem }: PartitionStatus,
  trend: Trend,
  elapsed: number,
  isCurrent: boolean,
): PartitionWord {
  if (trend === 'held') return trend
  if (problem !== null) return 'stalled'
  // It knows itself what it has and has not committed.
  if (trend === 'stalled' && elapsed >= SHORTEST_STALL) return trend
  if (!isCurrent) return 'unknown'
  return trend === 'stalled' ? 'behind' : trend
}

/** It cannot be fetched, so nobody names its end. One with a damaged batch is fetched again and again. */
function isApart({ problem }: PartitionStatus): boolean {
  return problem !== null && problem.reason !== 'corrupt'
}

/** What is handled and not committed waits for nothing but the next commit, as long as `commit.interval` is. */
function settled(status: PartitionStatus, lag: PartitionLag): PartitionLag {
  if (lag.lag === null || !isHandled(status)) return lag
  return { ...lag, age: 0, eta: 0, trend: lag.trend === 'held' ? lag.trend : 'ok' }
}

function isHandled({ caughtUp, oldestUnprocessedTime: oldest }: PartitionStatus): boolean {
  return caughtUp && oldest === null
}

const seconds = (milliseconds: number | null) =>
  milliseconds === null ? null : milliseconds / 1000
