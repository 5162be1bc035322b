import type { AddressInfo } from 'node:net'
import { type FastifyInstance, fastify } from 'fastify'
import { codeOf, messageOf, OccError } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'
import type { OverviewSource } from '../observe/overview/types.ts'
import { type AdminControl, addAdminRoutes, isAdminPath } from './admin.ts'
import { type ApiDependencies, addApi } from './api/api.ts'
import type { LettersApi } from './api/letter-types.ts'
import type { Pods } from './api/pods.ts'
import type { OffsetsApi } from './api/types.ts'
import { createAuthorization } from './authorization.ts'
import { endpointPaths } from './endpoints.ts'
import { addPage } from './page/routes.ts'
import { addRoutes, type RouteDependencies } from './routes.ts'

export interface HttpServerOptions extends RouteDependencies {
  /** `0.0.0.0` in a pod: probes come from outside the container. */
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  readonly log: Log
  /** Whether `/` is the status page. */
  readonly page: boolean
  /** Whether operators can act on the page. */
  readonly pageActions: boolean
  /** Where docs/operations.md can be read. */
  readonly runbook?: string | undefined
  readonly admin: AdminControl
  readonly offsets: OffsetsApi
  readonly letters: LettersApi
  readonly overview: OverviewSource
  readonly pods: Pods
  readonly tap: ApiDependencies['tap']
  /** As `ApiDependencies`. */
  readonly rate?: ApiDependencies['rate']
  /** Milliseconds after which an answer is given up of which nobody takes anything. Default: 30 s. */
  readonly silence?: number
}

export interface HttpServer {
  /** Rejects with OCC_HTTP_PORT_IN_USE or OCC_HTTP_LISTEN_FAILED. */
  listen(): Promise<{ readonly address: string; readonly port: number }>
  /** Answers requests in progress, then closes every connection. */
  close(): Promise<void>
}

/** Time for answers in progress at close(); they take milliseconds unless the client is stuck. */
const CLOSE_GRACE_MS = 500
/** An answer of megabytes stays in memory until it is taken. */
const SILENCE_MS = 30_000
/** The largest valid body names a topic, and a reason of 200 characters. */
const BODY_LIMIT_BYTES = 2048

/** The service's only port: read-only probes, metrics and lag, the status page, and the admin API. */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const { host, port, log } = options
  const app = fastify({
    logger: false,
    bodyLimit: BODY_LIMIT_BYTES,
    // Probes and scrapers send small requests at once; a slower client only occupies a socket.
    requestTimeout: 10_000,
    // Longer than a scrape interval, so that a scraper keeps its connection.
    keepAliveTimeout: 75_000,
    http: { headersTimeout: 10_000, connectionsCheckingInterval: 5_000, maxHeaderSize: 8192 },
    forceCloseConnections: 'idle',
    routerOptions: { ignoreTrailingSlash: true },
    // A body is accepted unchanged or refused: nothing is converted or removed. The first mistake is enough: a
    // large body can have hundreds of thousands.
    ajv: { customOptions: { removeAdditional: false, coerceTypes: false, allErrors: false } },
    // For a path that cannot be decoded: Fastify's own answer names the library.
    frameworkErrors: (_, __, reply) => {
      reply.raw.writeHead(400, { 'content-type': 'application/json; charset=utf-8' })
      reply.raw.end('{"error":"bad request"}')
    },
  })
  addGuards(app, log, options.silence ?? SILENCE_MS)
  const page = options.page
    ? addPage(app, {
        ...options,
        runbook: options.runbook ?? null,
        acts: options.pageActions,
        taps: options.tap !== null,
      })
    : null
  addRoutes(app, options, page)
  const { readTokens } = options.admin
  const authorization = createAuthorization({ readTokens, clock: options.clock, log })
  addAdminRoutes(app, { ...options, authorization })
  addApi(app, { ...options, authorization })
  return {
    async listen() {
      try {
        await app.listen({ host, port })
      } catch (error) {
        throw listenError(error, host, port)
      }
      const { address, port: bound } = app.server.address() as AddressInfo
      log.info({ event: 'http.listening', address, port: bound }, `Listening on port ${bound}`)
      return { address, port: bound }
    },
    async close() {
      const cut = setTimeout(() => app.server.closeAllConnections(), CLOSE_GRACE_MS)
      try {
        await app.close()
      } finally {
        clearTimeout(cut)
      }
    },
  }
}

function addGuards(app: FastifyInstance, log: Log, silence: number): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('cache-control', 'no-store')
    reply.header('x-content-type-options', 'nosniff')
    if (request.method === 'GET' || request.method === 'HEAD' || isAdminPath(request.url)) return
    // Answered before the body is read, so the connection cannot be reused.
    return reply
      .code(405)
      .header('allow', 'GET, HEAD')
      .header('connection', 'close')
      .send({ error: 'method not allowed', allowed: ['GET', 'HEAD'] })
  })
  app.addHook('onSend', async (_, reply) => {
    reply.raw.setTimeout(silence)
  })
  app.addHook('onResponse', async (request, reply) => {
    const { method, url } = request
    // Without the query string: it is unused, and people put secrets there.
    const path = url.split('?', 1)[0]
    const milliseconds = Math.round(reply.elapsedTime)
    const fields = { method, path, status: reply.statusCode, milliseconds }
    log.debug({ event: 'http.answered', ...fields }, 'Request answered')
  })
  app.setNotFoundHandler((_, reply) =>
    reply.code(404).send({ error: 'not found', endpoints: endpointPaths }),
  )
  app.setErrorHandler((error, request, reply) => {
    const path = request.url.split('?', 1)[0]
    log.error({ event: 'http.failed', path, error }, 'A request could not be answered')
    return reply.code(500).send({ error: 'internal error; see the log' })
  })
}

function listenError(error: unknown, host: string, port: number): OccError {
  if (codeOf(error) === 'EADDRINUSE') {
    return new OccError(
      'OCC_HTTP_PORT_IN_USE',
      `Port ${port} on ${host} is in use by another process: stop it, or set http.port to a free port.`,
      { cause: error },
    )
  }
  return new OccError(
    'OCC_HTTP_LISTEN_FAILED',
    `Cannot listen on ${host}:${port} (${messageOf(error)}): set http.host to an address of this machine and http.port to a port this user may open.`,
    { cause: error },
  )
}
