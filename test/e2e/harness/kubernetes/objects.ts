/** The little that is read of the API server's objects. */
export interface Metadata {
  readonly name: string
  readonly uid: string
  readonly creationTimestamp: string
  readonly deletionTimestamp?: string
  readonly annotations?: Readonly<Record<string, string>>
}

export interface List<T> {
  readonly items: readonly T[]
}

export interface ContainerStatus {
  readonly name: string
  readonly containerID?: string
  readonly restartCount: number
  readonly ready: boolean
  readonly state?: {
    readonly waiting?: { readonly reason?: string; readonly message?: string }
    readonly running?: { readonly startedAt: string }
    readonly terminated?: Terminated
  }
  readonly lastState?: { readonly terminated?: Terminated }
}

export interface Terminated {
  readonly exitCode: number
  readonly reason?: string
  readonly message?: string
}

export interface Pod {
  readonly metadata: Metadata
  readonly status: {
    readonly phase: string
    readonly conditions?: ReadonlyArray<{
      readonly type: string
      readonly status: string
      readonly lastTransitionTime: string
    }>
    readonly containerStatuses?: readonly ContainerStatus[]
  }
}

export interface Deployment {
  readonly metadata: Metadata
  readonly spec: { readonly replicas: number }
  readonly status: { readonly replicas?: number; readonly readyReplicas?: number }
}

export interface HorizontalPodAutoscaler {
  readonly metadata: Metadata
  readonly spec: { readonly maxReplicas: number }
  readonly status: { readonly desiredReplicas?: number; readonly currentReplicas?: number }
}

export interface KubernetesEvent {
  readonly type: string
  readonly reason: string
  readonly message: string
  readonly involvedObject: { readonly kind: string; readonly name: string }
}

export const isReady = ({ metadata, status }: Pod): boolean =>
  metadata.deletionTimestamp === undefined &&
  (status.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True')

/** What `kubectl describe pod` shows of the last end of its container. */
export function terminationMessage(pod: Pod | undefined): string | undefined {
  const [status] = pod?.status.containerStatuses ?? []
  return (status?.state?.terminated ?? status?.lastState?.terminated)?.message
}
