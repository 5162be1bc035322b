import { type ApiCall, type KubernetesApi, numberAt, type ObjectReference, textAt } from './api.ts'

export type TargetKind = 'ScaledObject' | 'HorizontalPodAutoscaler'

/** The limits of an autoscaler as they are now. */
export interface ScaleLimits {
  readonly minimum: number
  readonly maximum: number
  readonly reference: ObjectReference
  readonly resourceVersion: string
}

export interface ScaleTarget {
  /** `spec.maxReplicaCount` or `spec.maxReplicas`, for texts. */
  readonly field: string
  read(): Promise<ScaleLimits>
  /** Rejects with OCC_KUBERNETES_CONFLICT when the object has changed since it was read. */
  setMaximum(maximum: number, since: ScaleLimits): Promise<void>
}

interface Shape extends Pick<ApiCall, 'group' | 'version' | 'resource'> {
  readonly minimum: string
  readonly maximum: string
  readonly defaultMinimum: number
  readonly defaultMaximum: number
}

/** The defaults are those of KEDA and of Kubernetes for a field that is left out. */
const SHAPES: Readonly<Record<TargetKind, Shape>> = {
  ScaledObject: {
    group: 'keda.sh',
    version: 'v1alpha1',
    resource: 'scaledobjects',
    minimum: 'minReplicaCount',
    maximum: 'maxReplicaCount',
    defaultMinimum: 0,
    defaultMaximum: 100,
  },
  HorizontalPodAutoscaler: {
    group: 'autoscaling',
    version: 'v2',
    resource: 'horizontalpodautoscalers',
    minimum: 'minReplicas',
    maximum: 'maxReplicas',
    defaultMinimum: 1,
    defaultMaximum: 0,
  },
}

export function createScaleTarget(api: KubernetesApi, kind: TargetKind, name: string): ScaleTarget {
  const shape = SHAPES[kind]
  const { group, version, resource } = shape
  return {
    field: `spec.${shape.maximum}`,
    async read() {
      const object = await api.call({ verb: 'get', group, version, resource, name })
      return {
        minimum: numberAt(object, 'spec', shape.minimum) ?? shape.defaultMinimum,
        maximum: numberAt(object, 'spec', shape.maximum) ?? shape.defaultMaximum,
        reference: {
          apiVersion: `${group}/${version}`,
          kind,
          name,
          uid: textAt(object, 'metadata', 'uid') ?? '',
        },
        resourceVersion: textAt(object, 'metadata', 'resourceVersion') ?? '',
      }
    },
    async setMaximum(maximum, { resourceVersion }) {
      const body = { metadata: { resourceVersion }, spec: { [shape.maximum]: maximum } }
      await api.call({ verb: 'patch', group, version, resource, name, body })
    },
  }
}
