import { combinedAdvice, combinedReport, largestProgress } from '../../group/combined.ts'
import type { Scaling } from '../../group/scaling.ts'
import type { StrayErrors } from '../../handle/call/stray-errors.ts'
import { OccError } from '../../kernel/errors.ts'
import type { PauseTarget } from '../../kernel/shapes/pause-target.ts'
import type { PartitionStatus } from '../../observe/status-types.ts'
import type { GroupLoad, GroupReport } from '../../observe/types.ts'
import type { Unit, UnitStatus } from './create-unit.ts'

/** The status of all units; pauses are those of all. */
export function mergedStatus(units: readonly Unit[]): UnitStatus {
  const all = units.map((unit) => unit.status())
  const [first] = all
  if (first !== undefined && isSingle(units)) return first
  return {
    members: all.flatMap(({ members }) => members),
    partitions: all.flatMap(({ partitions }) => partitions),
    circuits: all.flatMap(({ circuits }) => circuits),
    pauses: first?.pauses ?? [],
    parked: all.flatMap(({ parked = [] }) => parked),
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

/** Whether the group of a partition is the first that has its topic: one of them speaks for all. */
export function speaks(
  units: readonly Pick<Unit, 'own' | 'config'>[],
  { topic, group }: Pick<PartitionStatus, 'topic' | 'group'>,
): boolean {
  const first = units.find(({ config }) => config.kafka.topics.includes(topic))
  if (first === undefined) return false
  return group === (first.own === null ? undefined : first.config.kafka.groupId)
}

/**
 * What the process wants as a whole, the largest wish of all groups, and the reports of its groups
 * if there are several.
 */
export function mergedScaling(units: readonly Unit[]): Omit<Scaling, 'observe'> {
  const [first] = units
  if (first !== undefined && isSingle(units)) return first.scaling
  const groups = () => reportsOf(units)
  const report = () => combinedReport(groups())
  return {
    report,
    groups,
    progress: () => largestProgress(units.map(({ scaling }) => scaling.progress())),
    advice: () => combinedAdvice(groups()),
    hold() {
      const merged = report()
      return merged.known ? merged.hold : null
    },
  }
}

/** An error that nobody caught belongs to the unit whose handler began it. */
export function mergedStrays(units: ReadonlyArray<Pick<Unit, 'handling'>>): StrayErrors {
  return {
    stray: (kind, error) => units.some(({ handling }) => handling.stray(kind, error)),
    inFlight: () => units.flatMap(({ handling }) => handling.inFlight()),
  }
}

/**
 * What operators have paused: topics and partitions in all units, a handler in its own; null: it is not
 * known.
 */
export function holdIn(
  units: ReadonlyArray<Pick<Unit, 'handling' | 'engine'>>,
  targets: readonly PauseTarget[] | null,
): void {
  for (const { handling, engine } of units) {
    const names = new Set(handling.names())
    const own = targets?.filter((each) => 'topic' in each || names.has(each.handler))
    engine.hold(own ?? null)
  }
}

/** Loads and opens all handlers. @throws OccError with a message for the user. */
export async function startHandlers(
  units: ReadonlyArray<Pick<Unit, 'own' | 'handling'>>,
): Promise<void> {
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
