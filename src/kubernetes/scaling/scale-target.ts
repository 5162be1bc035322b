import { fieldManager, type KubernetesApi, type ObjectReference } from '../client/api.ts'

export type TargetKind = 'ScaledObject' | 'HorizontalPodAutoscaler'

/** The current limits of an autoscaler. */
export interface ScaleLimits {
  readonly minimum: number
  readonly maximum: number
  readonly reference: ObjectReference
  readonly resourceVersion: string
}

export interface ScaleTarget {
  /** `spec.maxReplicaCount` or `spec.maxReplicas`, for messages. */
  readonly field: string
  read(): Promise<ScaleLimits>
  /** Rejects with OCC_KUBERNETES_CONFLICT if the object has changed since it was read. */
  setMaximum(maximum: number, since: ScaleLimits): Promise<void>
}

export function createScaleTarget(api: KubernetesApi, kind: TargetKind, name: string): ScaleTarget {
  return kind === 'ScaledObject' ? scaledObject(api, name) : podAutoscaler(api, name)
}

/** KEDA's kinds are not part of Kubernetes: the library passes unknown kinds through unchanged. */
interface ScaledObject {
  readonly metadata?: { readonly uid?: string; readonly resourceVersion?: string }
  readonly spec?: { readonly minReplicaCount?: number; readonly maxReplicaCount?: number }
}

function scaledObject(api: KubernetesApi, name: string): ScaleTarget {
  const { namespace, customObjects } = api
  const about = { group: 'keda.sh', resource: 'scaledobjects', name } as const
  const object = {
    group: about.group,
    version: 'v1alpha1',
    plural: about.resource,
    namespace,
    name,
  }
  return {
    field: 'spec.maxReplicaCount',
    async read() {
      const { metadata, spec }: ScaledObject = await api.ask({ verb: 'get', ...about }, () =>
        customObjects.getNamespacedCustomObject(object),
      )
      return {
        // KEDA's defaults for missing fields.
        minimum: spec?.minReplicaCount ?? 0,
        maximum: spec?.maxReplicaCount ?? 100,
        reference: {
          apiVersion: 'keda.sh/v1alpha1',
          kind: 'ScaledObject',
          name,
          uid: metadata?.uid ?? '',
        },
        resourceVersion: metadata?.resourceVersion ?? '',
      }
    },
    async setMaximum(maximum, { resourceVersion }) {
      const body = { metadata: { resourceVersion }, spec: { maxReplicaCount: maximum } }
      await api.ask({ verb: 'patch', ...about }, () =>
        customObjects.patchNamespacedCustomObject(
          { ...object, body, fieldManager },
          api.mergePatch,
        ),
      )
    },
  }
}

function podAutoscaler(api: KubernetesApi, name: string): ScaleTarget {
  const { namespace, autoscaling } = api
  const about = { group: 'autoscaling', resource: 'horizontalpodautoscalers', name } as const
  const object = { name, namespace }
  return {
    field: 'spec.maxReplicas',
    async read() {
      const { metadata, spec } = await api.ask({ verb: 'get', ...about }, () =>
        autoscaling.readNamespacedHorizontalPodAutoscaler(object),
      )
      return {
        minimum: spec?.minReplicas ?? 1,
        maximum: spec?.maxReplicas ?? 0,
        reference: {
          apiVersion: 'autoscaling/v2',
          kind: 'HorizontalPodAutoscaler',
          name,
          uid: metadata?.uid ?? '',
        },
        resourceVersion: metadata?.resourceVersion ?? '',
      }
    },
    async setMaximum(maximum, { resourceVersion }) {
      const body = { metadata: { resourceVersion }, spec: { maxReplicas: maximum } }
      await api.ask({ verb: 'patch', ...about }, () =>
        autoscaling.patchNamespacedHorizontalPodAutoscaler(
          { ...object, body, fieldManager },
          api.mergePatch,
        ),
      )
    },
  }
}
