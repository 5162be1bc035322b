import { fieldManager, type KubernetesApi, type ObjectReference } from '../client/api.ts'

/** The fields that are read here; KEDA's kinds are not part of Kubernetes. */
interface ScaledObjectSpec {
  readonly minReplicaCount?: number
  readonly maxReplicaCount?: number
  readonly scaleTargetRef?: { readonly kind?: string; readonly name?: string }
}

interface RawScaledObject {
  readonly metadata?: {
    readonly uid?: string
    readonly resourceVersion?: string
    readonly annotations?: Readonly<Record<string, string>>
  }
  readonly spec?: ScaledObjectSpec
}

export interface ScaledObjectState {
  readonly spec: ScaledObjectSpec
  readonly annotations: Readonly<Record<string, string>>
  readonly reference: ObjectReference
  readonly resourceVersion: string
}

/** What changes of it; null removes an annotation. */
export interface ScaledObjectChange {
  readonly metadata?: { readonly annotations: Readonly<Record<string, string | null>> }
  readonly spec?: ScaledObjectSpec
}

/** One ScaledObject of KEDA. Both reject with an OccError. */
export interface ScaledObject {
  read(): Promise<ScaledObjectState>
  /** Rejects with OCC_KUBERNETES_CONFLICT if the object has changed since it was read. */
  patch(
    since: Pick<ScaledObjectState, 'resourceVersion'>,
    change: ScaledObjectChange,
  ): Promise<void>
}

export function createScaledObject(api: KubernetesApi, name: string): ScaledObject {
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
    async read() {
      // The library passes unknown kinds through unchanged.
      const { metadata, spec = {} }: RawScaledObject = await api.ask(
        { verb: 'get', ...about },
        () => customObjects.getNamespacedCustomObject(object),
      )
      const { uid = '', resourceVersion = '', annotations = {} } = metadata ?? {}
      const reference = { apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', name, uid }
      return { spec, annotations, reference, resourceVersion }
    },
    async patch({ resourceVersion }, { metadata, spec }) {
      const body = {
        metadata: { resourceVersion, ...metadata },
        ...(spec === undefined ? {} : { spec }),
      }
      await api.ask({ verb: 'patch', ...about }, () =>
        customObjects.patchNamespacedCustomObject(
          { ...object, body, fieldManager },
          api.mergePatch,
        ),
      )
    },
  }
}
