import { combinedAdvice, combinedReport, largestProgress } from '../group/combined.ts'
import type { StrayErrors } from '../handle/call/stray-errors.ts'
import { OccError } from '../kernel/errors.ts'
import { type PauseTarget, pauseTargetName } from '../kernel/pause-target.ts'
import type { KubernetesSources } from '../kubernetes/index.ts'
import type { GroupLoad, GroupReport, ScalingReportSource } from '../observe/types.ts'
import type { Unit, UnitStatus } from './create-unit.ts'

/** The status of all units; what an operator paused in several of them, once. */
export function mergedStatus(units: readonly Unit[]): UnitStatus {
  const all = units.map((unit) => unit.status())
  const [first] = all
  if (first !== undefined && isSingle(units)) return first
  const pauses = all.flatMap((status) => status.pauses)
  return {
    members: all.flatMap(({ members }) => members),
    partitions: all.flatMap(({ partitions }) => partitions),
    circuits: all.flatMap(({ circuits }) => circuits),
    pauses: [...new Map(pauses.map((target) => [pauseTargetName(target), target])).values()],
    load: {
      inFlight: all.reduce((sum, { load }) => sum + load.inFlight, 0),
      concurrency: all.reduce((sum, { load }) => sum + load.concurrency, 0),
      bufferedBytes: all.reduce((sum, { load }) => sum + load.bufferedBytes, 0),
      maxBytes: all.reduce((sum, { load }) => sum + load.maxBytes, 0),
      groups: all.map(({ load: { inFlight, concurrency } }, index): GroupLoad => {
        const { own = null, config } = units[index] ?? {}
        return {
          inFlight,
          concurrency,
          ...(own !== null && { group: config?.kafka.groupId ?? '' }),
        }
      }),
    },
  }
}

/** The report of the process, and those of its groups if there are several. */
export function mergedScaling(units: readonly Unit[]): ScalingReportSource {
  const [first] = units
  if (first !== undefined && isSingle(units)) return first.scaling
  const groups = () => reportsOf(units)
  return { report: () => combinedReport(groups()), groups }
}

/** What the Kubernetes features go by: the largest wish of all groups. */
export function mergedSources(
  units: readonly Unit[],
): Pick<KubernetesSources, 'progress' | 'advice' | 'partitions' | 'hold'> {
  const partitions = () => units.flatMap(({ engine }) => engine.partitions())
  const [first] = units
  if (first !== undefined && isSingle(units)) {
    const { progress, advice, hold } = first.scaling
    return { progress, advice, hold, partitions }
  }
  return {
    progress: () => largestProgress(units.map(({ scaling }) => scaling.progress())),
    advice: () => combinedAdvice(reportsOf(units)),
    hold() {
      const report = combinedReport(reportsOf(units))
      return report.known ? report.hold : null
    },
    partitions,
  }
}

/** An error that nobody caught belongs to the unit whose handler began it. */
export function mergedStrays(units: readonly Unit[]): StrayErrors {
  return {
    stray: (kind, error) => units.some(({ handling }) => handling.stray(kind, error)),
    inFlight: () => units.flatMap(({ handling }) => handling.inFlight()),
  }
}

/** Where an operator's pause applies: to the unit of the handler, or to all. */
export function unitsWith(units: readonly Unit[], target: PauseTarget): readonly Unit[] {
  if (!('handler' in target)) return units
  return units.filter(({ handling }) => handling.names().includes(target.handler))
}

/** Loads and opens all handlers. @throws OccError with a message for the user. */
export async function startHandlers(units: readonly Unit[]): Promise<void> {
  const names = new Set<string>()
  for (const { own, handling } of units) {
    if (own !== null && names.has(own)) {
      throw new OccError(
        'OCC_HANDLER_LOAD',
        `Two handlers are called ${own}. Remedy: give one of them another handlers[].name`,
      )
    }
    await handling.start()
    for (const name of handling.names()) names.add(name)
  }
}

function reportsOf(units: readonly Unit[]): GroupReport[] {
  return units.map(({ own, config, scaling }) => ({
    id: config.kafka.groupId,
    isOwn: own !== null,
    report: scaling.report(),
  }))
}

/** There is only the group of the service. */
function isSingle(units: readonly Unit[]): boolean {
  return units.length === 1 && units[0]?.own === null
}
