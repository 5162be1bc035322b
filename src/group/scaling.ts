import { type EventLoopUtilization, performance } from 'node:perf_hooks'
import type { Clock } from '../kernel/time/clock.ts'
import type { Meters, ServiceStatus } from '../observe/types.ts'
import {
  type AdviceState,
  adviceOf,
  advise,
  noAdvice,
  type ScalingObservation,
} from './scaling-advice.ts'
import { scalingHold } from './scaling-hold.ts'
import { type ScalingReportOptions, scalingReport } from './scaling-report.ts'
import type { Advice, GroupProgress, ScalingReportSource, ScalingSource } from './types.ts'

export interface ScalingOptions extends ScalingReportOptions {
  /** Milliseconds that a condition must hold before it is advised. */
  readonly adviceAfter: number
}

/** The newest reading of the group, and why the last one failed: progress.ts. */
export interface ProgressSource {
  progress(): GroupProgress | null
  problem(): string | null
}

export interface Scaling extends ScalingSource, ScalingReportSource {
  /** Why more pods would not help now; null when they might. */
  hold(): string | null
  /** Called with each new reading: advice depends on how values change. */
  observe(progress: GroupProgress): void
}

/** What this process does for the group. */
export type GroupStatus = Pick<ServiceStatus, 'members' | 'partitions' | 'circuits' | 'pauses'>

export interface ScalingDependencies {
  readonly group: ProgressSource
  readonly status: { status(): GroupStatus }
  readonly meters: Meters
  readonly clock: Clock
}

/** Reports and advice on the size of the group, from its progress and this process. */
export function createScaling(
  options: ScalingOptions,
  { group, status, meters, clock }: ScalingDependencies,
): Scaling {
  let state: AdviceState = noAdvice
  let loop: EventLoopUtilization = performance.eventLoopUtilization()

  const hold = () => scalingHold(status.status())

  function report() {
    return scalingReport(
      {
        progress: group.progress(),
        problem: group.problem(),
        advice: adviceOf(state),
        hold: hold(),
        now: clock.now(),
      },
      options,
    )
  }

  return {
    progress: group.progress,
    hold,
    report,
    // An outdated reading gives no advice.
    advice: (): readonly Advice[] => report().advice,
    observe(progress) {
      const now = performance.eventLoopUtilization()
      const { utilization } = performance.eventLoopUtilization(now, loop)
      loop = now
      const service = status.status()
      const observation: ScalingObservation = {
        at: clock.monotonic(),
        group: progress,
        own: {
          ...ownWork(service),
          pauses: meters.process.pauses,
          busyRatio: utilization,
          isHeld: scalingHold(service) !== null,
        },
      }
      state = advise(state, observation, { after: options.adviceAfter })
    },
  }
}

function ownWork({ members, partitions }: GroupStatus) {
  return {
    members: members.filter(({ state }) => state === 'joined').length,
    partitions: partitions.length,
    lag: partitions.reduce((sum, { lag }) => sum + (lag ?? 0), 0),
    behindRetries: Math.max(0, ...partitions.map((one) => one.behindRetries)),
    pausedPartitions: partitions.filter(({ paused }) => paused).length,
  }
}
