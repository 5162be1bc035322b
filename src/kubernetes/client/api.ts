import type {
  AppsV1Api,
  AutoscalingV2Api,
  ConfigurationOptions,
  CoordinationV1Api,
  CoreV1Api,
  CustomObjectsApi,
  EventsV1Api,
  PortForward,
  V1MicroTime,
} from '@kubernetes/client-node'

/** The subject of one request, in the terms of a Role's rule. */
export interface Subject {
  readonly verb: 'get' | 'list' | 'create' | 'update' | 'patch'
  /** `''`: the core group. */
  readonly group: string
  /** Plural: `leases`. */
  readonly resource: string
  /** Absent when creating and listing. */
  readonly name?: string
}

/** The library classes that this room needs, for the pod's cluster and account. */
export interface KubernetesApi {
  /** It contains everything that the room reads or writes. */
  readonly namespace: string
  readonly core: CoreV1Api
  readonly apps: AppsV1Api
  readonly coordination: CoordinationV1Api
  readonly events: EventsV1Api
  readonly autoscaling: AutoscalingV2Api
  readonly customObjects: CustomObjectsApi
  /** Carries bytes to a port of a pod. It opens a connection of its own each time. */
  readonly portForward: Pick<PortForward, 'portForward'>
  /** Makes the patch a JSON merge patch; the library's default is another type. */
  readonly mergePatch: ConfigurationOptions
  /** Time format of Leases and Events. @param milliseconds Since the epoch. */
  microTime(milliseconds: number): V1MicroTime
  /**
   * Resolves with the request's answer. Rejects with an OccError (codes: see api-errors.ts). Each
   * request has a timeout.
   */
  ask<Answer>(subject: Subject, request: () => Promise<Answer>): Promise<Answer>
  /** Closes the connection; requests in progress reject. */
  close(): void
}

/** Field manager recorded for writes: `kubectl get --show-managed-fields`. */
export const fieldManager = 'onchain-consumer'

/** An object as named by an Event or an owner reference. */
export interface ObjectReference {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
}
