import type { RequestContext } from '@kubernetes/client-node'
import { OccError } from '../../kernel/errors.ts'
import type { Clock } from '../../kernel/time/clock.ts'
import type { KubernetesApi } from './api.ts'
import { apiError } from './api-errors.ts'
import { type ClusterAccess, readClusterAccess } from './cluster-access.ts'

/** Milliseconds until a request is considered unanswered. */
const TIMEOUT = 4_000
/**
 * Milliseconds that one connection serves. The library rereads a replaced token or certificate
 * within a minute, but would open a connection per request.
 */
const CONNECTION_AGE = 60_000

type Dispatcher = NonNullable<ReturnType<RequestContext['getDispatcher']>>

/**
 * Loads the library and reads the credentials. Sends no request to the API server. Rejects with
 * OCC_KUBERNETES_NO_CLUSTER or OCC_KUBERNETES_KUBECONFIG.
 * @param wanted the namespace; null: that of the kubeconfig's context
 */
export async function connect(
  access: ClusterAccess,
  wanted: string | null,
  clock: Clock,
): Promise<KubernetesApi> {
  const library = await import('./library.ts')
  const { config, server, account, explain } = readClusterAccess(access, library.KubeConfig)
  const context = config.getContextObject(config.getCurrentContext())
  const namespace = wanted ?? (context?.namespace || 'default')
  const connections = keepConnection(clock)
  const configuration = library.createConfiguration({
    baseServer: new library.ServerConfiguration(server, {}),
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
    core: new library.CoreV1Api(configuration),
    apps: new library.AppsV1Api(configuration),
    coordination: new library.CoordinationV1Api(configuration),
    events: new library.EventsV1Api(configuration),
    autoscaling: new library.AutoscalingV2Api(configuration),
    customObjects: new library.CustomObjectsApi(configuration),
    portForward: new library.PortForward(config),
    mergePatch: library.setHeaderOptions('Content-Type', library.PatchStrategy.MergePatch),
    microTime: (milliseconds) => new library.V1MicroTime(milliseconds),
    async ask(subject, request) {
      try {
        return await request()
      } catch (error) {
        const known = explain(error)
        if (known instanceof OccError) throw known
        throw apiError(subject, { namespace, server, account }, error)
      }
    },
    close: connections.close,
  }
}

/** The library gives each request its own dispatcher (connection pool); this shares one. */
function keepConnection(clock: Clock) {
  let kept: { dispatcher: Dispatcher; until: number } | null = null
  return {
    use(request: RequestContext): void {
      const now = clock.monotonic()
      if (kept === null || now >= kept.until) {
        const dispatcher = request.getDispatcher()
        if (dispatcher === undefined) return
        // Requests in progress finish.
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
