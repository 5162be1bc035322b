import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../kernel/clock.ts'
import { codeOf, messageOf } from '../kernel/errors.ts'
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
import { createAdminGuard } from './admin-guard.ts'

/** What the admin API can do to the service. */
export interface AdminControl {
  /** The current token, read from its file; throws if the file is invalid. null: the API is off. */
  readToken(): string | null
  knows(): AdminKnowledge
  pause(target: PauseTarget): void
  resume(target: PauseTarget): void
}

export interface AdminDependencies {
  readonly admin: AdminControl
  readonly status: StatusSource
  readonly clock: Clock
  readonly log: Log
}

const METHODS: Readonly<Record<string, string>> = {
  '/admin/state': 'GET',
  '/admin/pause': 'POST',
  '/admin/resume': 'POST',
}

/** Whether a request is for the admin routes, which have their own guards. */
export function isAdminPath(url: string): boolean {
  return /^\/admin(?:[/?]|$)/.test(url)
}

/** GET /admin/state, POST /admin/pause and /admin/resume, for holders of the token. */
export function addAdminRoutes(app: FastifyInstance, dependencies: AdminDependencies): void {
  const { admin, status, log } = dependencies

  const routes: FastifyPluginAsync = async (scope) => {
    scope.addHook('onRequest', authorization(dependencies))
    scope.setNotFoundHandler(answerUnknown)
    scope.setErrorHandler(answerFailure(log))
    scope.get('/state', (_, reply) => reply.send(adminState(status.status())))
    for (const action of ['pause', 'resume'] as const) {
      scope.post(`/${action}`, { schema: { body: bodySchema } }, (request, reply) => {
        const target = targetOf(action, request.body ?? {}, admin.knows())
        if ('status' in target) return reply.code(target.status).send({ error: target.error })
        admin[action](target)
        const fields = { ...target, address: request.ip }
        log.warn(
          { event: `admin.${action}d`, ...fields },
          `An operator has ${action}d ${pauseTargetName(target)}`,
        )
        return reply.send(adminState(status.status()))
      })
    }
  }
  app.register(routes, { prefix: '/admin' })
}

/** Runs before the body is read. */
function authorization({ admin, clock, log }: AdminDependencies) {
  const guard = createAdminGuard(clock)
  return async (request: FastifyRequest, reply: FastifyReply) => {
    const refuse = (code: number, error: string) =>
      reply.code(code).header('connection', 'close').send({ error })
    let token: string | null
    try {
      token = admin.readToken()
    } catch (error) {
      log.error({ event: 'admin.token-unusable', code: codeOf(error) }, messageOf(error))
      return refuse(503, 'the file of admin.tokenFile holds no usable token; see the log')
    }
    if (token === null) {
      return refuse(404, 'the admin API is off: set admin.tokenFile to the file with its token')
    }
    const verdict = guard.check(request.headers.authorization, request.ip, token)
    if (verdict.kind === 'allowed') return
    if (verdict.kind === 'limited') {
      reply.header('retry-after', verdict.retryAfterSeconds)
      return refuse(429, `too many wrong tokens; try again in ${verdict.retryAfterSeconds} s`)
    }
    log.warn({ event: 'admin.denied', address: request.ip }, 'An admin request without the token')
    reply.header('www-authenticate', 'Bearer')
    return refuse(401, `not authorized: ${verdict.why}`)
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
