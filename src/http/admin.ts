import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import type { Log } from '../kernel/log.ts'
import { type PauseTarget, pauseTargetName } from '../kernel/pause-target.ts'
import type { ServiceStatus, StatusSource } from '../observe/types.ts'
import {
  type AdminKnowledge,
  bodySchema,
  describeViolations,
  FORM,
  targetOf,
} from './admin-body.ts'
import type { AcceptedToken } from './admin-guard.ts'
import type { Authorization } from './authorization.ts'
import { type SendError, sendPlainError } from './problem.ts'

/** What the admin API can do to the service. */
export interface AdminControl {
  /** The tokens now, read from their files; throws if one is invalid. Empty: the API is off. */
  readTokens(): readonly AcceptedToken[]
  knows(): AdminKnowledge
  pause(target: PauseTarget): void
  resume(target: PauseTarget): void
}

export interface AdminDependencies {
  readonly admin: AdminControl
  readonly status: StatusSource
  readonly authorization: Authorization
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
  { admin, status, authorization, log }: AdminDependencies,
  sendError: SendError,
  described: Described = () => ({ hide: true }),
): void {
  scope.get('/state', { schema: described('state') }, (_, reply) =>
    reply.send(adminState(status.status())),
  )
  for (const action of ['pause', 'resume'] as const) {
    const schema = { ...described(action), body: bodySchema }
    scope.post(`/${action}`, { schema }, (request, reply) => {
      const target = targetOf(action, request.body ?? {}, admin.knows())
      if ('status' in target) return sendError(reply, target.status, target.error)
      admin[action](target)
      const fields = { ...target, who: authorization.who(request), address: request.ip }
      log.warn(
        { event: `admin.${action}d`, ...fields },
        `An operator has ${action}d ${pauseTargetName(target)}`,
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
  readonly validation?: Parameters<typeof describeViolations>[0]
}

/** Errors of the request go to its sender, errors of the service to the log. */
function answerFailure(log: Log) {
  return (error: RequestError, request: FastifyRequest, reply: FastifyReply) => {
    const { statusCode = 500, validation } = error
    if (validation !== undefined) {
      return reply.code(400).send({ error: describeViolations(validation) })
    }
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
    paused: [
      ...pauses,
      ...circuits.filter((one) => one.state === 'held').map(({ handler }) => ({ handler })),
    ],
    handlers: circuits.filter(({ handler, topic }) => handler !== '' && topic === null),
    load,
    config,
  }
}
