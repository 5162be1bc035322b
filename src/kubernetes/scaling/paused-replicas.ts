import { OccError } from '../../kernel/errors.ts'
import type { KubernetesApi, ObjectReference } from '../client/api.ts'
import { createScaledObject } from './scaled-object.ts'

/** While this annotation exists, KEDA keeps the number of pods at its value. */
const PAUSED_REPLICAS = 'autoscaling.keda.sh/paused-replicas'
/** Marks our pause; its value is the number. A manual pause lacks it and is never removed here. */
const HELD_REPLICAS = 'onchain-consumer/held-replicas'

export interface PauseState {
  /** Whether KEDA is paused at a number by anybody, and whether by us. */
  readonly isPaused: boolean
  readonly isOurs: boolean
  /** The workload being scaled. */
  readonly workload: { readonly kind: string; readonly name: string }
  readonly reference: ObjectReference
  readonly resourceVersion: string
}

/** Controls whether KEDA keeps the number of pods. All reject with an OccError. */
export interface PausedReplicas {
  read(): Promise<PauseState>
  /** Current number of pods of the workload. */
  pods(state: PauseState): Promise<number>
  /** null: KEDA scales again. Rejects with OCC_KUBERNETES_CONFLICT if the object has changed. */
  set(pods: number | null, since: PauseState): Promise<void>
}

/** @param name Name of the ScaledObject. */
export function createPausedReplicas(api: KubernetesApi, name: string): PausedReplicas {
  const { namespace, apps } = api
  const object = createScaledObject(api, name)
  return {
    async read() {
      const { spec, annotations, reference, resourceVersion } = await object.read()
      const { kind = 'Deployment', name: workload = '' } = spec.scaleTargetRef ?? {}
      return {
        isPaused: annotations[PAUSED_REPLICAS] !== undefined,
        isOurs:
          annotations[HELD_REPLICAS] !== undefined &&
          annotations[HELD_REPLICAS] === annotations[PAUSED_REPLICAS],
        workload: { kind, name: workload },
        reference,
        resourceVersion,
      }
    },
    async pods({ workload }) {
      const named = { name: workload.name, namespace }
      if (workload.kind !== 'Deployment') {
        throw new OccError(
          'OCC_KUBERNETES_WORKLOAD',
          `Kubernetes: the ScaledObject ${name} scales a ${workload.kind}. Remedy: let it scale a Deployment, or turn kubernetes.scalingHold off`,
        )
      }
      const scale = { group: 'apps', resource: 'deployments/scale', name: workload.name }
      const { spec } = await api.ask({ verb: 'get', ...scale }, () =>
        apps.readNamespacedDeploymentScale(named),
      )
      return spec?.replicas ?? 0
    },
    async set(pods, since) {
      const value = pods === null ? null : String(pods)
      const annotations = { [PAUSED_REPLICAS]: value, [HELD_REPLICAS]: value }
      await object.patch(since, { metadata: { annotations } })
    },
  }
}
