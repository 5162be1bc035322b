import type { V1Container, V1Pod } from '@kubernetes/client-node'
import { OccError } from '../../kernel/errors.ts'
import type { KubernetesApi } from '../client/api.ts'

/** A pod of a release that has not ended and was not told to. */
export interface ReleasePod {
  readonly name: string
  /** Of its HTTP server. */
  readonly port: number
  readonly isReady: boolean
  /** Why its container does not run; null: it runs. */
  readonly reason: string | null
  /** Where the token of its API is; null: the API is off. */
  readonly token: SecretKey | null
}

export interface SecretKey {
  readonly secret: string
  readonly key: string
}

/** Labels and the annotation of the chart's pods. */
const RELEASE = 'app.kubernetes.io/instance'
const NAME = 'app.kubernetes.io/name'
const CONSUMERS = 'app.kubernetes.io/component=consumer'
const TOKEN = 'onchain-consumer/admin-token'
/** The port of the service's own container. */
const HTTP = 'http'

/**
 * The pods of a release by the labels of the chart, the ready ones first. Rejects with
 * OCC_RELEASE_UNKNOWN, OCC_RELEASE_AMBIGUOUS or OCC_KUBERNETES_*.
 */
export async function releasePods(
  api: KubernetesApi,
  release: string,
): Promise<readonly ReleasePod[]> {
  const all = await consumers(api)
  const own = all.filter((pod) => label(pod, RELEASE) === release)
  if (own.length === 0) throw unknown(api.namespace, release, all)
  const names = [...new Set(own.map((pod) => label(pod, NAME)))].toSorted()
  if (names.length > 1) {
    throw new OccError(
      'OCC_RELEASE_AMBIGUOUS',
      `The release ${release} in namespace ${api.namespace} has several services (${NAME}: ${names.join(', ')}). Remedy: forward a port of one of them with kubectl port-forward, and name it with --url`,
    )
  }
  return own.map(podOf).toSorted((a, b) => Number(b.isReady) - Number(a.isReady))
}

async function consumers(api: KubernetesApi): Promise<readonly V1Pod[]> {
  const { namespace, core } = api
  const { items } = await api.ask({ verb: 'list', group: '', resource: 'pods' }, () =>
    core.listNamespacedPod({ namespace, labelSelector: CONSUMERS }),
  )
  return items.filter(
    ({ metadata, status }) =>
      metadata?.deletionTimestamp === undefined &&
      status?.phase !== 'Succeeded' &&
      status?.phase !== 'Failed',
  )
}

function label(pod: V1Pod, name: string): string {
  return pod.metadata?.labels?.[name] ?? ''
}

function podOf({ metadata, spec, status }: V1Pod): ReleasePod {
  // A mesh may have added containers of its own, whose states come first.
  const isOurs = ({ ports = [] }: V1Container) => ports.some(({ name }) => name === HTTP)
  const container = (spec?.containers ?? []).find(isOurs)
  const states = status?.containerStatuses ?? []
  const state = states.find(({ name }) => name === container?.name) ?? states[0]
  const isRunning = state?.state?.running !== undefined
  const { waiting, terminated } = state?.state ?? {}
  const [, secret, key] = /^([^/]+)\/(.+)$/.exec(metadata?.annotations?.[TOKEN] ?? '') ?? []
  return {
    name: metadata?.name ?? '',
    port: container?.ports?.find(({ name }) => name === HTTP)?.containerPort ?? 8080,
    isReady: (status?.conditions ?? []).some(
      (condition) => condition.type === 'Ready' && condition.status === 'True',
    ),
    reason: isRunning
      ? null
      : (waiting?.reason ?? terminated?.reason ?? status?.phase ?? 'Pending'),
    token: secret === undefined || key === undefined ? null : { secret, key },
  }
}

function unknown(namespace: string, release: string, others: readonly V1Pod[]): OccError {
  const releases = [...new Set(others.map((pod) => label(pod, RELEASE)))].toSorted()
  const found = releases.length === 0 ? 'none has any' : `those with pods: ${releases.join(', ')}`
  return new OccError(
    'OCC_RELEASE_UNKNOWN',
    `There is no pod of a release ${release} in namespace ${namespace}; ${found}. Remedy: name it as helm list -A does, with --namespace; a release that is scaled to zero has no pod to ask`,
  )
}
