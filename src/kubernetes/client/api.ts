import type {
  AppsV1Api,
  AutoscalingV2Api,
  ConfigurationOptions,
  CoordinationV1Api,
  CoreV1Api,
  CustomObjectsApi,
  EventsV1Api,
  V1MicroTime,
} from '@kubernetes/client-node'

/** What one request to the API server is about, in the words of a Role's rule. */
export interface Subject {
  readonly verb: 'get' | 'create' | 'update' | 'patch'
  /** `''` is the core group. */
  readonly group: string
  /** Plural: `leases`. */
  readonly resource: string
  /** Left out when creating. */
  readonly name?: string
}

/** The library's classes that this room needs, for the cluster and the account of this pod. */
export interface KubernetesApi {
  /** Of the pod: everything that the room asks for is in it. */
  readonly namespace: string
  readonly core: CoreV1Api
  readonly apps: AppsV1Api
  readonly coordination: CoordinationV1Api
  readonly events: EventsV1Api
  readonly autoscaling: AutoscalingV2Api
  readonly customObjects: CustomObjectsApi
  /** Makes the patch of a request a JSON merge patch; the library's default is another. */
  readonly mergePatch: ConfigurationOptions
  /** As Kubernetes takes it in Leases and Events. Milliseconds since the epoch. */
  microTime(milliseconds: number): V1MicroTime
  /**
   * What the request resolves with. Rejects with an OccError: see api-errors.ts for the codes.
   * Each request is bounded in time.
   */
  ask<Answer>(subject: Subject, request: () => Promise<Answer>): Promise<Answer>
  /** Closes the connection; requests under way reject. */
  close(): void
}

/** Who wrote a field is recorded under this name: `kubectl get --show-managed-fields`. */
export const fieldManager = 'onchain-consumer'

/** An object as an Event or an owner reference names it. */
export interface ObjectReference {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
}
