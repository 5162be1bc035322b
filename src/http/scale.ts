import type { Advice, GroupReport, ScalingReport } from '../observe/types.ts'

type KnownReport = Extract<ScalingReport, { known: true }>

/** A group as the brokers know it. */
interface GroupFigures {
  /** Uncommitted records of the group, over all partitions. */
  readonly lag: number
  /** Records per second; null until the group was read twice. */
  readonly consumeRate: number | null
  readonly produceRate: number | null
  /** 0 without lag; null if it never drains or the rates are unknown. */
  readonly secondsToDrain: number | null
  readonly partitions: number
  readonly wantedReplicas: number | null
  readonly scalingLag: number
  readonly hold: string | null
  readonly members: number | null
}

/** Answer of `/scale` once the group is known. Only what an autoscaler may read is a number. */
export interface ScaleAnswer extends GroupFigures {
  readonly replicas: number | null
  /** ISO 8601, UTC: when the brokers were read. */
  readonly at: string
  readonly ageSeconds: number
  readonly advice: readonly Advice[]
  /**
   * Each group, if handlers have groups of their own. The figures above are then those of the group
   * that wants the most replicas.
   */
  readonly groups?: readonly GroupScale[]
}

export interface GroupScale extends GroupFigures {
  readonly group: string
}

export function scaleAnswer(
  report: KnownReport,
  groups: readonly GroupReport[] | undefined,
): ScaleAnswer {
  return {
    ...figuresOf(report),
    replicas: report.replicas,
    at: new Date(report.at).toISOString(),
    ageSeconds: rounded(report.ageSeconds),
    advice: report.advice,
    ...(groups !== undefined && {
      groups: groups.flatMap(({ id, report }) =>
        report.known ? [{ group: id, ...figuresOf(report) }] : [],
      ),
    }),
  }
}

function figuresOf(report: KnownReport): GroupFigures {
  return {
    lag: report.lag,
    consumeRate: rounded(report.consumeRate),
    produceRate: rounded(report.produceRate),
    secondsToDrain: rounded(report.secondsToDrain),
    partitions: report.partitions,
    wantedReplicas: report.wantedReplicas,
    scalingLag: report.scalingLag,
    hold: report.hold,
    members: report.members,
  }
}

/** Rates and times to three decimals: further digits are noise. */
function rounded(value: number): number
function rounded(value: number | null): number | null
function rounded(value: number | null): number | null {
  return value === null ? null : Math.round(value * 1000) / 1000
}
