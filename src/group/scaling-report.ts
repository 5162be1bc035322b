import type { Advice, GroupProgress, ScalingReport } from './types.ts'

export interface ScalingReportOptions {
  /** Lag per pod, in records; 0: not set. */
  readonly lagPerPod: number
  /** Members of the group per pod. */
  readonly membersPerPod: number
  /** Milliseconds after which a reading is no longer used: an old lag would scale wrongly. */
  readonly maxAge: number
}

export interface ScalingFacts {
  readonly progress: GroupProgress | null
  /** Why the last reading failed, if it did. */
  readonly problem: string | null
  readonly advice: readonly Advice[]
  /** See scaling-hold.ts. */
  readonly hold: string | null
  /** Milliseconds since the epoch. */
  readonly now: number
}

/** The state of the whole group at this moment; docs/scaling.md has the formulas. */
export function scalingReport(
  { progress, problem, advice, hold, now }: ScalingFacts,
  { lagPerPod, membersPerPod, maxAge }: ScalingReportOptions,
): ScalingReport {
  const why = problem === null ? '' : `: ${problem}`
  if (progress === null) {
    return unknown(`the offsets of the group have not been read yet${why}`)
  }
  // The wall clock may be set back.
  const age = Math.max(0, now - progress.at)
  if (age > maxAge) {
    return unknown(`the offsets of the group were last read ${Math.round(age / 1000)} s ago${why}`)
  }
  const { at, lag, partitions, members, consumeRate, produceRate } = progress
  const replicas = members === null ? null : Math.ceil(members / membersPerPod)
  // If the number of pods is not known, it cannot be held.
  const held = hold === null ? null : replicas
  return {
    known: true,
    at,
    ageSeconds: age / 1000,
    lag,
    partitions,
    members,
    replicas,
    consumeRate,
    produceRate,
    secondsToDrain: secondsToDrain(lag, consumeRate, produceRate),
    wantedReplicas: lagPerPod === 0 ? null : (held ?? wantedReplicas(lag, lagPerPod, partitions)),
    scalingLag: lagPerPod === 0 || held === null ? lag : held * lagPerPod,
    hold,
    advice,
  }
}

function unknown(reason: string): ScalingReport {
  return { known: false, reason, advice: [] }
}

function secondsToDrain(lag: number, consume: number | null, produce: number | null) {
  if (lag === 0) return 0
  if (consume === null || produce === null || consume <= produce) return null
  return lag / (consume - produce)
}

function wantedReplicas(lag: number, lagPerPod: number, partitions: number): number {
  return Math.max(1, Math.min(partitions, Math.ceil(lag / lagPerPod)))
}
