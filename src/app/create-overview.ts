import { partitionLags } from '../group/partition-lag.ts'
import { readinessOf } from '../http/health.ts'
import {
  createOverview as keepOverview,
  type OverviewKeeper,
  type OverviewParts,
} from '../observe/overview/overview.ts'
import type { Unit } from './units/create-unit.ts'

type Given = keyof Omit<OverviewParts, 'partitionLags' | 'readiness' | 'progress'>

/** What the page and `/api/v1/status` show, of all units together. */
export function createOverview(
  units: readonly Unit[],
  parts: Pick<OverviewParts, Given>,
): OverviewKeeper {
  return keepOverview({
    ...parts,
    partitionLags,
    readiness: readinessOf,
    progress: () =>
      units.map(({ own, config, group }) => ({
        ...(own !== null && { group: config.kafka.groupId }),
        progress: group.progress(),
      })),
  })
}
