import type { KubernetesObject } from '@kubernetes/client-node'
import type { KubernetesApi, ObjectReference } from './client/api.ts'

export interface PodObjects {
  readonly pod: ObjectReference
  /** The deployed object: the Deployment or another controller of the pod; if none, the pod. */
  readonly owner: ObjectReference
}

/** Follows pod, ReplicaSet, Deployment. Rejects with an OccError if a Role does not allow one. */
export async function findPodObjects(api: KubernetesApi, podName: string): Promise<PodObjects> {
  const { namespace } = api
  const object = await api.ask({ verb: 'get', group: '', resource: 'pods', name: podName }, () =>
    api.core.readNamespacedPod({ name: podName, namespace }),
  )
  const uid = object.metadata?.uid ?? ''
  const pod = { apiVersion: 'v1', kind: 'Pod', name: podName, uid }
  const controller = controllerOf(object)
  if (controller?.kind !== 'ReplicaSet') return { pod, owner: controller ?? pod }
  const { name } = controller
  const set = await api.ask({ verb: 'get', group: 'apps', resource: 'replicasets', name }, () =>
    api.apps.readNamespacedReplicaSet({ name, namespace }),
  )
  return { pod, owner: controllerOf(set) ?? controller }
}

function controllerOf({ metadata }: KubernetesObject): ObjectReference | undefined {
  const owner = metadata?.ownerReferences?.find(({ controller }) => controller === true)
  if (owner === undefined) return undefined
  const { apiVersion, kind, name, uid } = owner
  return { apiVersion, kind, name, uid }
}
