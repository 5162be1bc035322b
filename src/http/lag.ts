import type { OldestRecord } from '../kernel/shapes/oldest-record.ts'
import type { ParkedStatus } from '../kernel/shapes/parked.ts'
import { type PauseReport, pauseReport } from '../kernel/shapes/pause-report.ts'
import { byPlace, onceInGroup } from '../kernel/shapes/record.ts'
import { isoTime, timeText } from '../kernel/text/figures.ts'
import type {
  Advice,
  CircuitStatus,
  GroupReport,
  PartitionStatus,
  PauseReason,
  ScalingReportSource,
  ServiceState,
  ServiceStatus,
} from '../observe/types.ts'

export interface LagReport {
  readonly state: ServiceState
  readonly totals: {
    /**
     * The lag of this process: the sum over its partitions with known lag; null if there is none.
     * That of the whole group is in `/scale`.
     */
    readonly lag: number | null
    /** Why the lag is null; absent: it is known. */
    readonly unknown?: string
    /** Age of the oldest end offset in it; null if there is none. */
    readonly lagAgeSeconds: number | null
    readonly partitions: number
    readonly partitionsWithUnknownLag: number
  }
  readonly partitions: readonly PartitionLag[]
  /**
   * Paused handlers (too many failures in a row, or by an operator), topics whose records cannot be
   * decoded, and those with suspects: records set aside until it is known whether the record or the
   * handler is at fault.
   */
  readonly circuits: readonly CircuitStatus[]
  /** What operators have paused, in all pods of the group. */
  readonly pauses: readonly PauseReport[]
  /** Records that wait until they are due, of each group; absent: none is parked anywhere. */
  readonly parked?: readonly ParkedLag[]
  /** All pods together, from `/scale`; null while unknown. */
  readonly group: GroupFacts | null
  /** Each group, if handlers have groups of their own; `group` is then that of the service. */
  readonly groups?: readonly NamedGroupLag[]
  /** Advice on the size of the group; empty if there is none. */
  readonly advice: readonly Advice[]
}

export interface ParkedLag {
  /** The group of a handler with `group: own`; absent: that of the service. */
  readonly group?: string
  readonly records: number
  readonly due: number
  /** When the first is or was due: ISO 8601, UTC; null: there is none. */
  readonly nextDue: string | null
  /** ISO 8601, UTC: while the database is away, the count grows old. */
  readonly counted: string
}

export interface NamedGroupLag extends Partial<GroupFacts> {
  readonly group: string
  /** Why the other figures are missing. */
  readonly unknown?: string
  readonly lag?: number
}

export interface GroupFacts {
  /** Since its offsets were read. */
  readonly ageSeconds: number
  readonly partitions: number
  readonly members: number | null
  readonly secondsToDrain: number | null
}

export interface PartitionLag {
  /** The group of a handler with `group: own`; absent: that of the service. */
  readonly group?: string
  readonly topic: string
  readonly partition: number
  readonly member: string
  readonly end: number | null
  /** Since a broker last named the end; all other figures are of now. */
  readonly endAgeSeconds: number | null
  readonly committed: number | null
  readonly position: number | null
  readonly lag: number | null
  /** ISO 8601, UTC. */
  readonly oldestUnprocessedTime: string | null
  readonly oldestUnprocessedAgeSeconds: number | null
  /** Until retention may delete unprocessed records; null if unknown. */
  readonly secondsUntilLoss: number | null
  readonly paused: boolean
  /** Why nothing new is fetched or handed over; null: not paused. */
  readonly pausedBy: PauseReason | null
  /** Share of the last minute in which records waited behind a retry, 0 to 1; order `partition`. */
  readonly behindRetries: number
  /** Why it cannot be fetched; null: it can. */
  readonly problem: PartitionProblemReport | null
  /** Offset of the first open transaction; null: unknown. */
  readonly stable: number | null
  /** Records held back by an open transaction; null: none. */
  readonly blockedByTransaction: {
    readonly records: number
    readonly since: string | null
    readonly ageSeconds: number
  } | null
  readonly caughtUp: boolean
  /** Taken first of the records that are not finished, and for how long; null: there is none. */
  readonly oldestInFlight: (OldestRecord & { readonly seconds: number }) | null
  /** What an operator has handled once more; null: nothing. */
  readonly replay: {
    readonly from: number
    readonly to: number
    readonly remaining: number
  } | null
}

export interface PartitionProblemReport {
  readonly reason: string
  readonly message: string
  /** ISO 8601, UTC. */
  readonly since: string | null
  /** The damaged batch, if that is the problem. */
  readonly damage: {
    readonly code: string
    readonly codec: string
    readonly firstOffset: number
    readonly lastOffset: number
  } | null
}

/**
 * The partitions of this process, each once in a group, ordered by group, topic and number.
 *
 * @param now Milliseconds since the epoch. @param monotonic `Clock.monotonic()` of the same moment.
 */
export function lagReport(
  status: ServiceStatus,
  scaling: ScalingReportSource,
  now: number,
  monotonic: number,
): LagReport {
  const report = scaling.report()
  const groups = scaling.groups?.()
  const partitions = onceInGroup(status.partitions)
    .toSorted(byPlace)
    .map((partition) => partitionLag(partition, now, monotonic))
  const known = partitions.flatMap(({ lag }) => (lag === null ? [] : [lag]))
  const ofService = groups === undefined ? report : groups.find(({ isOwn }) => !isOwn)?.report
  const ages = partitions.flatMap(({ endAgeSeconds: age }) => (age === null ? [] : [age]))
  const unknown = known.length === 0 ? whyUnknown(partitions.length) : null
  return {
    state: status.state,
    totals: {
      lag: unknown === null ? known.reduce((sum, lag) => sum + lag, 0) : null,
      ...(unknown !== null && { unknown }),
      lagAgeSeconds: ages.length === 0 ? null : Math.max(...ages),
      partitions: partitions.length,
      partitionsWithUnknownLag: partitions.length - known.length,
    },
    partitions,
    circuits: status.circuits.filter(({ state, suspects }) => state !== 'closed' || suspects > 0),
    pauses: status.pauses.map(pauseReport),
    ...(status.parked !== undefined &&
      status.parked.length > 0 && { parked: status.parked.map(parkedLag) }),
    group: ofService === undefined || !ofService.known ? null : groupFacts(ofService),
    ...(groups !== undefined && { groups: groups.map(namedGroupLag) }),
    advice: report.advice,
  }
}

function parkedLag({ nextDueAt, countedAt, ...figures }: ParkedStatus): ParkedLag {
  return { ...figures, nextDue: isoTime(nextDueAt), counted: timeText(countedAt) }
}

/** 0 would say that there is nothing left to do. */
function whyUnknown(partitions: number): string {
  return partitions === 0
    ? 'no partition is assigned to this process'
    : 'the brokers have not told the end offset of a partition yet'
}

function namedGroupLag({ id, report }: GroupReport): NamedGroupLag {
  if (!report.known) return { group: id, unknown: report.reason }
  return { group: id, lag: report.lag, ...groupFacts(report) }
}

function groupFacts({ ageSeconds, partitions, members, secondsToDrain }: GroupFacts): GroupFacts {
  return { ageSeconds, partitions, members, secondsToDrain }
}

function partitionLag(status: PartitionStatus, now: number, monotonic: number): PartitionLag {
  const { oldestUnprocessedTime: oldest, retentionHeadroom: headroom } = status
  return {
    ...(status.group !== undefined && { group: status.group }),
    topic: status.topic,
    partition: status.partition,
    member: status.member,
    end: status.endOffset,
    endAgeSeconds: status.endKnownAt === null ? null : secondsSince(status.endKnownAt, now),
    committed: status.committedOffset,
    position: status.position,
    lag: status.lag,
    oldestUnprocessedTime: isoTime(oldest),
    oldestUnprocessedAgeSeconds: oldest === null ? null : secondsSince(oldest, now),
    secondsUntilLoss: headroom === null || headroom === undefined ? null : headroom / 1000,
    paused: status.paused,
    pausedBy: status.pausedBy,
    behindRetries: status.behindRetries,
    problem: problemOf(status),
    stable: status.stableOffset,
    blockedByTransaction: blockedOf(status, now),
    caughtUp: status.caughtUp,
    oldestInFlight: oldestOf(status, monotonic),
    replay: replayOf(status),
  }
}

function problemOf({ problem }: PartitionStatus): PartitionProblemReport | null {
  if (problem === null) return null
  const { reason, message, damage } = problem
  const since = isoTime(problem.since)
  if (damage === null) return { reason, message, since, damage }
  const { error, codec, firstOffset, lastOffset } = damage
  return { reason, message, since, damage: { code: error.code, codec, firstOffset, lastOffset } }
}

function blockedOf(
  { blockedByTransaction: blocked }: PartitionStatus,
  now: number,
): PartitionLag['blockedByTransaction'] {
  if (blocked === null) return null
  const { records, since } = blocked
  return { records, since: isoTime(since), ageSeconds: secondsSince(since, now) }
}

function oldestOf(
  { oldest, oldestTakenAt: takenAt }: PartitionStatus,
  monotonic: number,
): PartitionLag['oldestInFlight'] {
  if (oldest === null || takenAt === null) return null
  return { ...oldest, seconds: Math.max(0, monotonic - takenAt) / 1000 }
}

function replayOf({ replay, committedOffset }: PartitionStatus): PartitionLag['replay'] {
  if (replay === null) return null
  const { from, to } = replay
  return { from, to, remaining: Math.max(0, to - (committedOffset ?? from)) }
}

function secondsSince(time: number, now: number): number {
  return Math.max(0, now - time) / 1000
}
