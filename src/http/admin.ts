import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import type { PauseChange, PauseOrder } from '../group/pauses/types.ts'
import { OccError } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'
import { pauseReport } from '../kernel/shapes/pause-report.ts'
import { pauseTargetName } from '../kernel/shapes/pause-target.ts'
import type { Clock } from '../kernel/time/clock.ts'
import type { ServiceStatus, StatusSource } from '../observe/types.ts'
import {
  type AdminKnowledge,
  bodySchemas,
  describeViolation,
  FORM,
  orderOf,
  type PauseBody,
} from './admin-body.ts'
import type { AcceptedToken } from './admin-guard.ts'
import type { Authorization } from './authorization.ts'
import { type SendError, sendPlainError } from './problem.ts'

/** What the admin API can do to the service. */
export interface AdminControl {
  /** The tokens now, read from their files; throws if one is invalid. Empty: the API is off. */
  readTokens(): readonly AcceptedToken[]
  knows(): AdminKnowledge
  /** For all pods of the group. Both reject if it could not be kept for them. */
  pause(order: PauseOrder): Promise<PauseChange>
  resume(order: PauseOrder): Promise<PauseChange>
}

export interface AdminDependencies {
  readonly admin: AdminControl
  readonly status: StatusSource
  readonly authorization: Authorization
  readonly clock: Clock
  readonly log: Log
}

const METHODS: Readonly<Record<string, string>> = {
  '/admin/state': 'GET',
  '/admin/pause': 'POST',
  '/admin/resume': 'POST',
}

/** A route as it is in the OpenAPI document; without it, it is not in there. */
export type Described = (id: string) => object

/** Whether a request is for the admin routes, which have their own guards. */
export function isAdminPath(url: string): boolean {
  return /^\/(?:admin|api\/v1)(?:[/?]|$)/.test(url)
}

/** GET /admin/state, POST /admin/pause and /admin/resume, for holders of the token. */
export function addAdminRoutes(app: FastifyInstance, dependencies: AdminDependencies): void {
  const { authorization, log } = dependencies
  const routes: FastifyPluginAsync = async (scope) => {
    scope.addHook('onRequest', authorization.hook(sendPlainError))
    scope.setNotFoundHandler(answerUnknown)
    scope.setErrorHandler(answerFailure(log))
    addPauseRoutes(scope, dependencies, sendPlainError)
  }
  app.register(routes, { prefix: '/admin' })
}

/** The same below another prefix. */
export function addPauseRoutes(
  scope: FastifyInstance,
  { admin, status, authorization, clock, log }: AdminDependencies,
  sendError: SendError,
  described: Described = () => ({ hide: true }),
): void {
  scope.get('/state', { schema: described('state') }, (_, reply) =>
    reply.send(adminState(status.status())),
  )
  for (const action of ['pause', 'resume'] as const) {
    const schema = { ...described(action), body: bodySchemas[action] }
    scope.post<{ Body: PauseBody | null }>(`/${action}`, { schema }, async (request, reply) => {
      const asked = orderOf(action, request.body ?? {}, admin.knows(), clock.now())
      if ('status' in asked) return sendError(reply, asked.status, asked.error)
      const who = authorization.who(request)
      const { before, after } = await admin[action]({ ...asked, by: who })
      const { target, reason } = asked
      const fields = { ...target, who, address: request.ip, reason }
      const changed = { before: before.map(pauseReport), after: after.map(pauseReport) }
      log.warn(
        { event: `admin.${action}d`, ...fields, ...changed },
        `An operator (${who}) has ${action}d ${pauseTargetName(target)}`,
      )
      return reply.send(adminState(status.status()))
    })
  }
}

function answerUnknown(request: FastifyRequest, reply: FastifyReply) {
  const path = (request.url.split('?', 1)[0] ?? '').replace(/\/$/, '')
  const method = METHODS[path]
  if (method === undefined) {
    return reply.code(404).send({ error: 'not found', endpoints: Object.keys(METHODS) })
  }
  reply.code(405).header('allow', method).header('connection', 'close')
  return reply.send({ error: `method not allowed: use ${method}` })
}

interface RequestError extends Error {
  readonly statusCode?: number
  readonly validation?: ReadonlyArray<Parameters<typeof describeViolation>[0]>
}

/** Errors of the request go to its sender, errors of the service to the log. */
function answerFailure(log: Log) {
  return (error: RequestError, request: FastifyRequest, reply: FastifyReply) => {
    const { statusCode = 500, validation: [violation] = [] } = error
    if (violation !== undefined) {
      return reply.code(400).send({ error: describeViolation(violation) })
    }
    if (error instanceof OccError) return reply.code(503).send({ error: error.message })
    if (statusCode === 413) return reply.code(413).send({ error: `the body is too large: ${FORM}` })
    if (statusCode < 500) {
      return reply.code(statusCode).send({ error: `the body is not JSON: ${FORM}` })
    }
    log.error({ event: 'http.failed', path: request.routeOptions.url, error }, 'A request failed')
    return reply.code(500).send({ error: 'internal error; see the log' })
  }
}

/** What is paused, and the settings in effect. */
function adminState({ state, pauses, circuits, load, config }: ServiceStatus) {
  return {
    state,
    paused: pauses.map(pauseReport),
    handlers: circuits.filter(({ handler, topic }) => handler !== '' && topic === null),
    load,
    config,
  }
}
