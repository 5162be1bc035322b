import type { Advice, GroupProgress, GroupReport, ScalingReport } from './types.ts'

type Known = Extract<ScalingReport, { known: true }>

interface KnownReport extends GroupReport {
  readonly report: Known
}

/**
 * What a process with several groups wants: the pods of the group that wants most, because each pod
 * is a member of every group. While the figures of one group are unknown, so is the whole: less
 * than that group needs would be wrong.
 */
export function combinedReport(groups: readonly GroupReport[]): ScalingReport {
  const advice = combinedAdvice(groups)
  for (const { id, report } of groups) {
    if (!report.known) return { known: false, reason: `${id}: ${report.reason}`, advice }
  }
  const known = groups.filter((group): group is KnownReport => group.report.known)
  const [first, ...others] = known
  if (first === undefined) return { known: false, reason: 'there is no group', advice }
  const largest = others.reduce((most, one) => (wants(one) > wants(most) ? one : most), first)
  return {
    ...largest.report,
    scalingLag: Math.max(...known.map(({ report }) => report.scalingLag)),
    hold: combinedHold(known),
    advice,
  }
}

/**
 * Why more pods would not help: a group is held, and no other group could use more than there are.
 */
function combinedHold(groups: readonly KnownReport[]): string | null {
  const held = groups.find(({ report }) => report.hold !== null)
  if (held === undefined || groups.some(({ report }) => couldGrow(report))) return null
  return held.isOwn ? `${held.id}: ${held.report.hold}` : held.report.hold
}

function couldGrow({ hold, lag, wantedReplicas, replicas }: Known): boolean {
  if (hold !== null) return false
  // Without `scaling.lagPerPod` an autoscaler decides by its own threshold.
  if (wantedReplicas === null || replicas === null) return lag > 0
  return wantedReplicas > replicas
}

function wants({ report }: KnownReport): number {
  return report.wantedReplicas ?? report.scalingLag
}

/** Fewer pods are advised only if no group could use them. */
export function combinedAdvice(groups: readonly GroupReport[]): readonly Advice[] {
  const isIdle = ({ report }: GroupReport) =>
    report.advice.some(({ kind }) => kind === 'remove-replicas')
  const areAllIdle = groups.every(isIdle)
  return groups.flatMap(({ id, isOwn, report }) =>
    report.advice
      .filter(({ kind }) => kind !== 'remove-replicas' || areAllIdle)
      .map((one) => (isOwn ? { ...one, group: id, text: `Group ${id}: ${one.text}` } : one)),
  )
}

/** The group with the most partitions: so many pods can have work. null: not all are known yet. */
export function largestProgress(
  progresses: ReadonlyArray<GroupProgress | null>,
): GroupProgress | null {
  let largest: GroupProgress | null = null
  for (const progress of progresses) {
    if (progress === null) return null
    if (largest === null || progress.partitions > largest.partitions) largest = progress
  }
  return largest
}
