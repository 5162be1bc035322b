import { type KubernetesApi, type ObjectReference, textAt, valueAt } from './api.ts'

export interface PodObjects {
  readonly pod: ObjectReference
  /** What a person deployed: the Deployment, or what else controls the pod; without one, the pod. */
  readonly owner: ObjectReference
}

/** Follows pod, ReplicaSet, Deployment. Rejects with an OccError when a Role leaves one out. */
export async function findPodObjects(api: KubernetesApi, podName: string): Promise<PodObjects> {
  const core = { verb: 'get', group: '', version: 'v1' } as const
  const object = await api.call({ ...core, resource: 'pods', name: podName })
  const uid = textAt(object, 'metadata', 'uid') ?? ''
  const pod = { apiVersion: 'v1', kind: 'Pod', name: podName, uid }
  const controller = controllerOf(object)
  if (controller?.kind !== 'ReplicaSet') return { pod, owner: controller ?? pod }
  const apps = { verb: 'get', group: 'apps', version: 'v1' } as const
  const set = await api.call({ ...apps, resource: 'replicasets', name: controller.name })
  return { pod, owner: controllerOf(set) ?? controller }
}

function controllerOf(object: unknown): ObjectReference | undefined {
  const owners = valueAt(object, 'metadata', 'ownerReferences')
  if (!Array.isArray(owners)) return undefined
  const owner: unknown = owners.find((one) => valueAt(one, 'controller') === true)
  if (owner === undefined) return undefined
  return {
    apiVersion: textAt(owner, 'apiVersion') ?? '',
    kind: textAt(owner, 'kind') ?? '',
    name: textAt(owner, 'name') ?? '',
    uid: textAt(owner, 'uid') ?? '',
  }
}
