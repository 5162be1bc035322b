import type { FastifyInstance } from 'fastify'
import type { Overview, OverviewSource } from '../../observe/overview/types.ts'
import type { Described } from '../admin.ts'

/** GET /status: what the page shows, as one document. As open as `/lag`. */
export function addStatusRoute(
  scope: FastifyInstance,
  source: OverviewSource,
  described: Described,
): void {
  let last: { readonly overview: Overview; readonly text: string } | null = null
  scope.get('/status', { schema: described('status') }, (_, reply) => {
    const overview = source.overview()
    if (last?.overview !== overview) last = { overview, text: JSON.stringify(overview) }
    return reply.type('application/json; charset=utf-8').send(last.text)
  })
}
