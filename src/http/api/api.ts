import swagger from '@fastify/swagger'
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify'
import { messageOf, OccError } from '../../kernel/errors.ts'
import { keptIn } from '../../kernel/kept-in.ts'
import type { Log } from '../../kernel/log.ts'
import { TokenBucket } from '../../kernel/time/token-bucket.ts'
import type { OverviewSource } from '../../observe/overview/types.ts'
import { type AdminDependencies, addPauseRoutes } from '../admin.ts'
import { sendProblem } from '../problem.ts'
import { described, documentOptions } from './document.ts'
import { addLetterRoutes } from './letter-routes.ts'
import type { LettersApi } from './letter-types.ts'
import { addOffsetRoutes } from './offset-routes.ts'
import type { Pods } from './pods.ts'
import { problemSchema } from './schemas.ts'
import { addStatusRoute } from './status-route.ts'
import { addTapRoute, type TapSource } from './tap.ts'
import type { OffsetsApi } from './types.ts'

export interface ApiDependencies extends AdminDependencies {
  readonly offsets: OffsetsApi
  readonly letters: LettersApi
  readonly overview: OverviewSource
  readonly pods: Pods
  /** null: it is switched off. */
  readonly tap: TapSource | null
  /** Requests a second of each token, and how many at once. Default: 20 and 40. */
  readonly rate?: { readonly perSecond: number; readonly burst: number } | undefined
}

const RATE = { perSecond: 20, burst: 40 }

/** Which status an error has; any other is 503, because it is the brokers'. */
const STATUS: Readonly<Record<string, number>> = {
  OCC_FILTER: 400,
  OCC_OFFSETS_CHOICE: 400,
  OCC_TOPIC_UNKNOWN: 404,
  OCC_PARTITION_UNKNOWN: 404,
  OCC_OFFSETS_MOVED: 409,
  OCC_OFFSETS_SKIP: 409,
  OCC_GROUP_ACTIVE: 409,
  OCC_DEAD_LETTERS_LOCKED: 409,
  OCC_DEAD_LETTERS_MANY: 409,
  OCC_REDRIVE_GROUP: 409,
}

/** Everything below /api/v1, with its document. */
export function addApi(app: FastifyInstance, dependencies: ApiDependencies): void {
  const { authorization, log, rate = RATE } = dependencies
  const buckets = new Map<string, TokenBucket>()

  async function limit(request: FastifyRequest, reply: FastifyReply) {
    const who = authorization.who(request)
    const bucket = keptIn(buckets, who, () => new TokenBucket(rate.perSecond, rate.burst))
    if (bucket.has(1)) return bucket.take(1)
    const seconds = Math.ceil(bucket.wait / 1000)
    reply.header('retry-after', seconds).header('connection', 'close')
    return sendProblem(reply, 429, `more than ${rate.perSecond} requests a second with this token`)
  }

  const guarded: FastifyPluginAsync = async (scope) => {
    // The forms of other origins can send it; a body of JSON only with a preflight, which is refused.
    scope.removeContentTypeParser('text/plain')
    scope.addHook('onRequest', authorization.hook(sendProblem))
    scope.addHook('onRequest', limit)
    scope.setNotFoundHandler((request, reply) => {
      const path = request.url.split('?', 1)[0] ?? ''
      const allowed = methodsOf(app, path)
      if (allowed.length === 0)
        return sendProblem(reply, 404, 'there is no such endpoint; see /api/v1/openapi.json')
      reply.header('allow', allowed.join(', ')).header('connection', 'close')
      return sendProblem(reply, 405, `use ${allowed.join(' or ')}`)
    })
    addPauseRoutes(scope, dependencies, sendProblem, described)
    addOffsetRoutes(scope, { ...dependencies, described })
    addTapRoute(scope, { ...dependencies, described })
    addLetterRoutes(scope, { ...dependencies, described })
    scope.get('/openapi.json', { schema: { hide: true } }, (_, reply) =>
      reply.send(scope.swagger()),
    )
  }
  const routes: FastifyPluginAsync = async (scope) => {
    await scope.register(swagger, documentOptions)
    scope.addSchema(problemSchema)
    scope.setErrorHandler(answerFailure(log))
    addStatusRoute(scope, dependencies, described)
    await scope.register(guarded)
  }
  app.register(routes, { prefix: '/api/v1' })
}

function methodsOf(app: FastifyInstance, url: string): string[] {
  const path = url.replace(/\/$/, '')
  return (['GET', 'PUT', 'POST'] as const).filter((method) => app.hasRoute({ method, url: path }))
}

interface RequestError extends Error {
  readonly statusCode?: number
  readonly validation?: ReadonlyArray<{ readonly instancePath: string; readonly message?: string }>
  readonly validationContext?: string
}

/** Errors of the request and of the brokers go to the sender, those of the service to the log. */
function answerFailure(log: Log) {
  return (error: RequestError, request: FastifyRequest, reply: FastifyReply) => {
    if (error instanceof OccError) {
      return sendProblem(reply, STATUS[error.code] ?? 503, error.message, error.code)
    }
    const { statusCode = 500, validation, validationContext = 'body' } = error
    if (validation !== undefined) {
      const [first] = validation
      const where = `${validationContext}${first?.instancePath ?? ''}`
      return sendProblem(reply, 400, `${where} ${first?.message ?? 'is not valid'}`)
    }
    if (statusCode < 500) return sendProblem(reply, statusCode, messageOf(error))
    log.error({ event: 'http.failed', path: request.routeOptions.url, error }, 'A request failed')
    return sendProblem(reply, 500, 'internal error; see the log')
  }
}
