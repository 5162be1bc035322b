import { fieldManager, type KubernetesApi, type ObjectReference } from '../client/api.ts'
import { createScaledObject } from './scaled-object.ts'

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

function scaledObject(api: KubernetesApi, name: string): ScaleTarget {
  const object = createScaledObject(api, name)
  return {
    field: 'spec.maxReplicaCount',
    async read() {
      // KEDA's defaults for missing fields.
      const { spec, reference, resourceVersion } = await object.read()
      const { minReplicaCount: minimum = 0, maxReplicaCount: maximum = 100 } = spec
      return { minimum, maximum, reference, resourceVersion }
    },
    setMaximum: (maximum, since) => object.patch(since, { spec: { maxReplicaCount: maximum } }),
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
