import type { Log } from '../../kernel/log.ts'
import type { GroupProgress } from '../../observe/types.ts'
import { unlessConflict } from '../client/api-errors.ts'
import type { EventRecorder } from '../events/recorder.ts'
import type { ScaleTarget } from './scale-target.ts'

export interface PartitionSyncDependencies {
  readonly target: ScaleTarget
  readonly recorder: EventRecorder
  /** null until the brokers have answered. */
  readonly progress: () => GroupProgress | null
  readonly log: Log
}

/** Consecutive readings that must agree on a lower number before the maximum is lowered. */
const SURE = 3

/**
 * Keeps the autoscaler's maximum equal to the number of pods that can have work. More pods would
 * idle; with fewer, partitions share a pod while the lag grows.
 *
 * @param membersPerPod `kafka.consumers`: each takes partitions.
 * @returns One comparison. Rejects with an OccError if the API server refuses the change.
 */
export function createPartitionSync(
  membersPerPod: number,
  { target, recorder, progress, log }: PartitionSyncDependencies,
): () => Promise<void> {
  let lower = { wanted: 0, readings: 0, at: 0 }

  /** A recreated topic or an incomplete answer must not remove pods. */
  function isSure(wanted: number, at: number): boolean {
    if (at !== lower.at) {
      lower = { wanted, readings: lower.wanted === wanted ? lower.readings + 1 : 1, at }
    }
    return lower.readings >= SURE
  }

  return async () => {
    const now = progress()
    if (now === null || now.partitions === 0) return
    const limits = await target.read()
    const useful = Math.ceil(now.partitions / membersPerPod)
    const wanted = Math.max(useful, limits.minimum, 1)
    if (wanted < limits.maximum && !isSure(wanted, now.at)) return
    lower = { wanted: 0, readings: 0, at: 0 }
    if (wanted === limits.maximum) return
    // If the object has changed since it was read, the next comparison retries.
    if (!(await unlessConflict(target.setMaximum(wanted, limits)))) return
    const { kind, name } = limits.reference
    const note = `${target.field} ${limits.maximum} -> ${wanted}: ${reasonOf(now, useful, limits.minimum, membersPerPod)}`
    log.info({ event: 'maximum.changed', kind, name, from: limits.maximum, to: wanted }, note)
    const { reference: regarding } = limits
    const action = 'PatchMaximum'
    await recorder.record({ regarding, type: 'Normal', reason: 'MaximumChanged', action, note })
  }
}

function reasonOf(
  { partitions, partitionsByTopic }: GroupProgress,
  useful: number,
  minimum: number,
  membersPerPod: number,
): string {
  const topics = Object.entries(partitionsByTopic).map(([topic, count]) => `${topic} ${count}`)
  const share = membersPerPod === 1 ? '' : `, ${membersPerPod} consumers a pod`
  const floor = useful < minimum ? `, not below the minimum of ${minimum}` : ''
  const noun = partitions === 1 ? 'partition' : 'partitions'
  return `the topics have ${partitions} ${noun} (${topics.join(', ')})${share}${floor}`
}
