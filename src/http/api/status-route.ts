import type { FastifyInstance } from 'fastify'
import type { Overview, OverviewSource } from '../../observe/overview/types.ts'
import type { Described } from '../admin.ts'
import type { Pods } from './pods.ts'
import { statusQuery } from './schemas.ts'

interface StatusQuery {
  readonly own?: 'true'
}

/** GET /status: what the page shows, as one document. As open as `/lag`. */
export function addStatusRoute(
  scope: FastifyInstance,
  { overview: source, pods }: { readonly overview: OverviewSource; readonly pods: Pods },
  described: Described,
): void {
  const whole = textOnce(JSON.stringify)
  const own = textOnce((overview) => JSON.stringify(ownPart(overview)))
  const schema = { ...described('status'), querystring: statusQuery }
  scope.get<{ Querystring: StatusQuery }>('/status', { schema }, async ({ query }, reply) => {
    // Whoever asks for it is a pod that is asked itself: two would ask each other for ever.
    const isOwn = query.own === 'true'
    if (!isOwn) await pods.look()
    const overview = source.overview()
    return reply
      .type('application/json; charset=utf-8')
      .send(isOwn ? own(overview) : whole(overview))
  })
}

/** What this pod knows of itself, for the other pods. */
function ownPart({ version, at, service, partitions }: Overview) {
  return { version, at, service, partitions: partitions.filter(({ facts }) => facts !== null) }
}

/** Written once for all who ask for the same. */
function textOnce(write: (overview: Overview) => string): (overview: Overview) => string {
  let last: { readonly overview: Overview; readonly text: string } | null = null
  return (overview) => {
    if (last?.overview !== overview) last = { overview, text: write(overview) }
    return last.text
  }
}
