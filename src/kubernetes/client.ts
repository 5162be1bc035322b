import {
  AppsV1Api,
  AutoscalingV2Api,
  CoordinationV1Api,
  CoreV1Api,
  CustomObjectsApi,
  createConfiguration,
  EventsV1Api,
  PatchStrategy,
  type RequestContext,
  ServerConfiguration,
  setHeaderOptions,
  V1MicroTime,
} from '@kubernetes/client-node'
import type { Clock } from '../kernel/clock.ts'
import { OccError } from '../kernel/errors.ts'
import type { KubernetesApi } from './api.ts'
import { apiError } from './api-errors.ts'
import { type ClusterAccess, readClusterAccess } from './cluster-access.ts'

/** Milliseconds until a request counts as unanswered. */
const TIMEOUT = 4_000
/**
 * Milliseconds that one connection serves: the library reads a token or certificate that was
 * replaced within a minute, and would open a connection for each request.
 */
const CONNECTION_AGE = 60_000

type Dispatcher = NonNullable<ReturnType<RequestContext['getDispatcher']>>

/**
 * The library, which takes tens of megabytes: this module is imported only where a feature of
 * `kubernetes` is on. Throws OCC_KUBERNETES_NO_CLUSTER and OCC_KUBERNETES_KUBECONFIG.
 */
export function connect(access: ClusterAccess, namespace: string, clock: Clock): KubernetesApi {
  const { config, server, explain } = readClusterAccess(access)
  const connections = keepConnection(clock)
  const configuration = createConfiguration({
    baseServer: new ServerConfiguration(server, {}),
    authMethods: { default: config },
    promiseMiddleware: [
      {
        async pre(request) {
          request.setHeaderParam('User-Agent', 'onchain-consumer')
          request.setSignal(AbortSignal.timeout(TIMEOUT))
          connections.use(request)
          return request
        },
        post: async (response) => response,
      },
    ],
  })
  return {
    namespace,
    core: new CoreV1Api(configuration),
    apps: new AppsV1Api(configuration),
    coordination: new CoordinationV1Api(configuration),
    events: new EventsV1Api(configuration),
    autoscaling: new AutoscalingV2Api(configuration),
    customObjects: new CustomObjectsApi(configuration),
    mergePatch: setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
    microTime: (milliseconds) => new V1MicroTime(milliseconds),
    async ask(subject, request) {
      try {
        return await request()
      } catch (error) {
        const known = explain(error)
        throw known instanceof OccError ? known : apiError(subject, namespace, server, error)
      }
    },
    close: connections.close,
  }
}

/** Each request comes with a dispatcher, a pool of connections, of its own. */
function keepConnection(clock: Clock) {
  let kept: { dispatcher: Dispatcher; until: number } | null = null
  return {
    use(request: RequestContext): void {
      const now = clock.monotonic()
      if (kept === null || now >= kept.until) {
        const dispatcher = request.getDispatcher()
        if (dispatcher === undefined) return
        // Those under way are finished.
        void kept?.dispatcher.close()
        kept = { dispatcher, until: now + CONNECTION_AGE }
      }
      request.setDispatcher(kept.dispatcher)
    },
    close(): void {
      void kept?.dispatcher.destroy()
      kept = null
    },
  }
}
