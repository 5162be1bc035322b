import type { FastifyReply, FastifyRequest } from 'fastify'
import { codeOf, messageOf } from '../kernel/errors.ts'
import type { Log } from '../kernel/log.ts'
import type { Clock } from '../kernel/time/clock.ts'
import { Repeats } from '../kernel/time/repeats.ts'
import { type AcceptedToken, createAdminGuard } from './admin-guard.ts'
import type { SendError } from './problem.ts'

export interface AuthorizationParts {
  /** Read at each request; throws if a file is unusable. Empty: the API is off. */
  readTokens(): readonly AcceptedToken[]
  readonly clock: Clock
  readonly log: Log
}

export interface Authorization {
  /** A hook before the body is read: GET and HEAD need `read`, everything else `operate`. */
  hook(send: SendError): (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>
  /** The name of the request's token. */
  who(request: FastifyRequest): string
  /** Whether its token is accepted now: it may be revoked while a long answer is under way. */
  isAccepted(request: FastifyRequest): boolean
}

/** Lines a minute about requests that are refused: anybody can send any number of them. */
const MAX_LINES = 10

/** Who may use the API, for all of its endpoints: wrong tokens count together. */
export function createAuthorization({ readTokens, clock, log }: AuthorizationParts): Authorization {
  const guard = createAdminGuard(clock)
  const names = new WeakMap<FastifyRequest, string>()
  const repeats = new Repeats(MAX_LINES)
  return {
    who: (request) => names.get(request) ?? '',
    isAccepted({ headers }) {
      try {
        return guard.find(headers.authorization, readTokens()) !== null
      } catch {
        // Whoever asks next is told, and the log.
        return false
      }
    },
    hook: (send) => async (request, reply) => {
      const refuse = (status: number, text: string) =>
        send(reply.header('connection', 'close'), status, text)
      let tokens: readonly AcceptedToken[]
      try {
        tokens = readTokens()
      } catch (error) {
        repeats.say('unusable', clock.monotonic(), (again) =>
          log.error(
            { event: 'admin.token-unusable', code: codeOf(error) },
            `${messageOf(error)}${again}`,
          ),
        )
        return refuse(
          503,
          'a token file (admin.tokenFile, admin.readTokenFile) holds no usable token; see the log',
        )
      }
      if (tokens.length === 0) {
        return refuse(404, 'the admin API is off: set admin.tokenFile to the file with its token')
      }
      const verdict = guard.check(request.headers.authorization, request.ip, tokens)
      if (verdict.kind === 'allowed') {
        names.set(request, verdict.name)
        const isReading = request.method === 'GET' || request.method === 'HEAD'
        if (isReading || verdict.right === 'operate') return
        return refuse(403, 'this token may only read: use that of admin.tokenFile')
      }
      if (verdict.kind === 'limited') {
        reply.header('retry-after', verdict.retryAfterSeconds)
        return refuse(429, `too many wrong tokens; try again in ${verdict.retryAfterSeconds} s`)
      }
      repeats.say('denied', clock.monotonic(), (again) =>
        log.warn(
          { event: 'admin.denied', address: request.ip },
          `An admin request without the token${again}`,
        ),
      )
      reply.header('www-authenticate', 'Bearer')
      return refuse(401, `not authorized: ${verdict.why}`)
    },
  }
}
