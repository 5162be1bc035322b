import type { FastifyInstance } from 'fastify'
import type { Authorization } from '../authorization.ts'
import { sendProblem } from '../problem.ts'
import { letterBodies } from './letter-schemas.ts'
import type { LetterOrder, LettersApi } from './letter-types.ts'

export interface LetterRoutesParts {
  readonly letters: LettersApi
  readonly authorization: Authorization
  /** The document's part of a route. */
  described(id: string): object
}

interface Body {
  readonly errorType?: string
  readonly handler?: string | null
  readonly topic?: string
  readonly until?: string
  readonly all?: boolean
  readonly dryRun?: boolean
  readonly recordsPerSecond?: number
  readonly resend?: boolean
  readonly maxRedrives?: number
}

/** Dead letters: counted, redriven and dropped, in the pod that is asked. */
export function addLetterRoutes(scope: FastifyInstance, parts: LetterRoutesParts): void {
  const { letters, authorization, described } = parts

  scope.get('/dead-letters', { schema: described('letters') }, async (_, reply) =>
    reply.send(await letters.kinds()),
  )

  for (const action of ['redrive', 'drop'] as const) {
    const path = `/dead-letters/${action}`
    const schema = { ...described(`${action}Letters`), body: letterBodies[action] }
    scope.post<{ Body: Body }>(path, { schema }, async (request, reply) => {
      const order = orderOf(request.body)
      if (typeof order === 'string') return sendProblem(reply, 400, order)
      if (request.body.dryRun !== false) {
        return reply.send({ plan: await letters.plan(action, order) })
      }
      const by = { who: authorization.who(request), address: request.ip }
      return reply.send({ work: await letters.begin(action, order, by) })
    })

    scope.get(path, { schema: described(`${action}Progress`) }, (_, reply) =>
      reply.send({ work: letters.work(action) }),
    )

    scope.post(
      `${path}/cancel`,
      { schema: described(`${action}Cancel`) },
      async (request, reply) => {
        const by = { who: authorization.who(request), address: request.ip }
        if (letters.cancel(action, by)) return reply.send({ work: letters.work(action) })
        return sendProblem(reply, 409, `no ${action} is under way in this pod`)
      },
    )
  }
}

/** A text says what is wrong. */
function orderOf(body: Body): LetterOrder | string {
  const { errorType, handler, topic, all = false } = body
  const isChosen = [errorType, handler, topic].some((each) => each !== undefined)
  if (isChosen === all) {
    return 'choose letters by "errorType", "handler" or "topic", or else "all": true'
  }
  const until = body.until === undefined ? undefined : Date.parse(body.until)
  if (Number.isNaN(until)) return '"until" is no time: write it as 2026-01-31T12:00:00Z'
  return {
    choice: {
      ...(errorType !== undefined && { errorType }),
      ...(handler !== undefined && { handler }),
      ...(topic !== undefined && { topic }),
      ...(until !== undefined && { until }),
    },
    rate: body.recordsPerSecond ?? 0,
    resend: body.resend ?? false,
    maxRedrives: body.maxRedrives,
  }
}
