import { OccError } from '../../kernel/errors.ts'
import type { Clock } from '../../kernel/time/clock.ts'
import { connect } from '../client/client.ts'
import { type Environment, personalAccess } from '../client/cluster-access.ts'
import { type ReleasePod, releasePods } from './pods.ts'
import { forwardPort } from './port-forward.ts'

/** A release of the chart in the cluster of a kubeconfig, as somebody outside of it sees it. */
export interface Release {
  readonly namespace: string
  /** The ready ones first; at least one. */
  readonly pods: readonly ReleasePod[]
  /** `http://127.0.0.1:PORT`, which leads to the pod's HTTP server until `close`. */
  reach(pod: ReleasePod): Promise<URL>
  /** What the Secret of its API holds. Rejects with OCC_RELEASE_TOKEN or OCC_KUBERNETES_*. */
  token(): Promise<string>
  close(): void
}

/**
 * Finds a release.
 * @param namespace null: that of the kubeconfig's context
 * Rejects with OCC_RELEASE_* or OCC_KUBERNETES_*.
 */
export async function openRelease(
  name: string,
  namespace: string | null,
  env: Environment,
  clock: Clock,
): Promise<Release> {
  const api = await connect(personalAccess(env), namespace, clock)
  const undo: Array<() => void> = [api.close]
  const close = () => {
    for (const step of undo) step()
  }
  try {
    const pods = await releasePods(api, name)
    return {
      namespace: api.namespace,
      pods,
      async reach(pod) {
        const forward = await forwardPort(api, pod)
        undo.push(forward.close)
        return new URL(`http://127.0.0.1:${forward.port}`)
      },
      async token() {
        const place = pods.find(({ token }) => token !== null)?.token
        if (place == null) {
          throw missing(
            `the API of release ${name} is off`,
            'set admin.existingSecret of the chart',
          )
        }
        const { secret, key } = place
        const subject = { verb: 'get', group: '', resource: 'secrets', name: secret } as const
        const where = { name: secret, namespace: api.namespace }
        const { data } = await api.ask(subject, () => api.core.readNamespacedSecret(where))
        const value = data?.[key]
        if (value !== undefined) return Buffer.from(value, 'base64').toString('utf8').trim()
        throw missing(`the Secret ${secret} has no key ${key}`, 'put the token there')
      },
      close,
    }
  } catch (error) {
    close()
    throw error
  }
}

function missing(what: string, remedy: string): OccError {
  return new OccError(
    'OCC_RELEASE_TOKEN',
    `There is no token: ${what}. Remedy: ${remedy}, or give --token-file`,
  )
}
