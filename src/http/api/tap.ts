import type { ServerResponse } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { EventFilter } from '../../handle/select/event-filter.ts'
import type { Tapped, TapWish } from '../../handle/tap.ts'
import type { Log } from '../../kernel/log.ts'
import type { AdminControl, Described } from '../admin.ts'
import type { Authorization } from '../authorization.ts'
import { openEventStream } from '../event-stream.ts'
import { sendProblem } from '../problem.ts'
import { tapQuery } from './schemas.ts'
import { tapEntry } from './tap-entry.ts'

/** The records that are handed to handlers, for those who look. */
export interface TapSource {
  /** Keys, addresses, amounts, ids and values are left out. */
  readonly hidesValues: boolean
  /** Why there is nothing to see; null: there is. */
  problem(): string | null
  /** @param text JSON. A text says what is wrong with it. */
  filter(text: string): { readonly filter: EventFilter | null } | string
  /** Shows records, one a second at most, until the returned function is called. */
  join(wish: TapWish, show: (tapped: Tapped) => void): () => void
}

export interface TapParts {
  /** null: it is switched off. */
  readonly tap: TapSource | null
  readonly admin: Pick<AdminControl, 'knows'>
  readonly authorization: Authorization
  readonly log: Log
  readonly described: Described
  /** Milliseconds after which it ends. Default: 5 minutes. */
  readonly duration?: number
}

interface TapQuery {
  readonly topic?: string
  readonly handler?: string
  readonly filter?: string
}

/** Viewers at once, of all tokens. */
export const MAX_TAPS = 5
/** Milliseconds. Whoever forgets it costs nothing after that. */
const DURATION = 300_000
/** A proxy may close a connection on which nothing is sent. */
const SIGN_OF_LIFE = 10_000

/** GET /tap: records on their way to the handlers, as Server-Sent Events. */
export function addTapRoute(scope: FastifyInstance, parts: TapParts): void {
  const { tap, admin, authorization, log, described, duration = DURATION } = parts
  const viewers = new Set<{ end(reason: string): void }>()
  scope.addHook('preClose', async () => {
    for (const viewer of viewers) viewer.end('the service stops')
  })

  const schema = { ...described('tap'), querystring: tapQuery }
  scope.get<{ Querystring: TapQuery }>(
    '/tap',
    { exposeHeadRoute: false, schema },
    async (request, reply) => {
      if (tap === null) return sendProblem(reply, 404, 'the tap is off: set http.tap to true')
      const { topic, handler, filter: text } = request.query
      const chosen = text === undefined ? { filter: null } : tap.filter(text)
      if (typeof chosen === 'string') return sendProblem(reply, 400, chosen)
      const { handlers } = admin.knows()
      if (handler !== undefined && !handlers.includes(handler)) {
        const known = `there is no handler ${handler}; there are: ${handlers.join(', ')}`
        return sendProblem(reply, 404, known)
      }
      const problem = tap.problem()
      if (problem !== null) return sendProblem(reply, 503, problem)
      if (viewers.size >= MAX_TAPS) {
        return sendProblem(reply, 503, `${MAX_TAPS} viewers look already: wait until one has left`)
      }
      const who = authorization.who(request)
      log.info(
        { event: 'admin.tapped', who, address: request.ip, topic, handler },
        `Somebody (${who}) looks at records through the tap`,
      )
      openEventStream(reply)
      const problemOf = () =>
        authorization.isAccepted(request) ? tap.problem() : 'the token is not accepted any more'
      show(tap, { topic, handler, ...chosen }, reply.raw, problemOf)
      return reply
    },
  )

  /** @param problemOf why it ends; null: it goes on. */
  function show(
    source: TapSource,
    wish: TapWish,
    response: ServerResponse,
    problemOf: () => string | null,
  ): void {
    const { hidesValues } = source
    const leave = source.join(wish, (tapped) => {
      // Nothing is kept for a viewer that is too slow.
      if (!response.writableNeedDrain) write('record', tapEntry(tapped, hidesValues))
    })
    const viewer = {
      end(reason: string) {
        // Of a viewer that takes nothing the end would never be taken either.
        if (response.writableNeedDrain) response.destroy()
        else {
          write('end', { reason })
          response.end()
        }
        left()
      },
    }
    const over = setTimeout(() => viewer.end('it is over: open it again'), duration).unref()
    let isStuck = false
    const alive = setInterval(() => {
      const wasStuck = isStuck
      isStuck = response.writableNeedDrain
      const problem = wasStuck && isStuck ? 'nobody takes it' : problemOf()
      if (problem === null) response.write(':\n\n')
      else viewer.end(problem)
    }, SIGN_OF_LIFE).unref()

    function write(event: string, data: object): void {
      response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
    }

    function left(): void {
      clearTimeout(over)
      clearInterval(alive)
      viewers.delete(viewer)
      leave()
    }

    viewers.add(viewer)
    response.on('close', left)
    response.on('error', left)
    write('open', { seconds: duration / 1000, hidesValues })
  }
}
