import type { PartitionStatus } from '../observe/types.ts'
import { fieldManager, type KubernetesApi } from './client/api.ts'

export const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost'

/**
 * The work that removing the pod would interrupt: partitions first, then the order of magnitude of
 * the lag. The exact lag changes with each look, and each change is a write to the API server.
 */
export function deletionCostOf(partitions: readonly PartitionStatus[]): number {
  const lag = partitions.reduce((sum, { lag }) => sum + (lag ?? 0), 0)
  const digits = lag < 1000 ? 0 : Math.floor(Math.log10(lag)) + 1
  return partitions.length * 100 + digits
}

/**
 * @returns One comparison, which writes the pod's annotation if the cost has changed. Rejects with
 *   an OccError if the API server refuses it.
 */
export function createDeletionCost(
  api: KubernetesApi,
  podName: string,
  partitions: () => readonly PartitionStatus[],
): () => Promise<void> {
  let written: number | null = null
  return async () => {
    const cost = deletionCostOf(partitions())
    if (cost === written) return
    const body = { metadata: { annotations: { [DELETION_COST]: String(cost) } } }
    const { namespace, core } = api
    await api.ask({ verb: 'patch', group: '', resource: 'pods', name: podName }, () =>
      core.patchNamespacedPod({ name: podName, namespace, body, fieldManager }, api.mergePatch),
    )
    written = cost
  }
}
