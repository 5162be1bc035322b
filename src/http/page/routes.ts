import { gzipSync } from 'node:zlib'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Overview, OverviewSource } from '../../observe/overview/types.ts'
import type { Pods } from '../api/pods.ts'
import { openEventStream } from '../event-stream.ts'
import { clientFiles } from './client-files.ts'
import { createLive, MAX_VIEWERS } from './live.ts'
import { detailsPage, headerParts, partitionPage, statusPage } from './page.ts'
import { partitionDetails } from './partition.ts'
import { script } from './script.ts'
import { type Runbook, sectionsOf } from './sections.ts'
import { icon, style } from './style.ts'

/** Nothing but what this service serves itself, and no script or style within the page. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

export interface PageDependencies {
  readonly overview: OverviewSource
  readonly pods: Pods
  readonly runbook: Runbook
  /** Whether operators can act on the page. */
  readonly acts: boolean
  /** Whether people can look at records. */
  readonly taps: boolean
}

/** What `/` answers to a browser. */
export type AnswerPage = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>

/** Adds what the page needs, below `/page/`, and returns the page itself. */
export function addPage(
  app: FastifyInstance,
  { overview: source, pods, runbook, acts, taps }: PageDependencies,
): AnswerPage {
  const sections = (overview: Overview) => sectionsOf(overview, runbook, acts)
  const live = createLive({
    source: {
      overview() {
        // What they answer is in the next one.
        void pods.look()
        return source.overview()
      },
    },
    sections: (overview) => new Map([...headerParts(overview.service), ...sections(overview)]),
  })
  app.addHook('preClose', async () => live.close())

  const page = once((overview) => statusPage(overview, sections(overview), acts, taps))
  const partitions = once((overview) => partitionPage(overview, acts))

  app.get('/page/partitions', async (request, reply) => {
    await pods.look()
    return send(request, reply, partitions(source.overview()))
  })
  app.get<{ Params: { topic: string; partition: string }; Querystring: { group?: string } }>(
    '/page/partitions/:topic/:partition',
    async ({ params, query }, reply) => {
      await pods.look()
      const overview = source.overview()
      const { topic, partition } = params
      const place = { topic, partition: Number(partition), group: query.group }
      const details = partitionDetails(overview, place, acts)
      if (details === null) return reply.callNotFound()
      const page = detailsPage(overview, `${topic}/${partition}`, details, acts)
      return guarded(reply).type('text/html; charset=utf-8').send(page)
    },
  )
  for (const { path, type, text } of [
    { path: '/page/style.css', type: 'text/css', text: style },
    { path: '/page/live.js', type: 'text/javascript', text: script },
    { path: '/page/icon.svg', type: 'image/svg+xml', text: icon },
    ...clientFiles(),
  ]) {
    const file: Rendered = { text, compressed: null }
    app.get(path, (request, reply) => send(request, reply, file, type))
  }
  app.get('/page/live', { exposeHeadRoute: false }, (_, reply) => {
    if (live.viewers >= MAX_VIEWERS) {
      return reply.code(503).send({ error: `there are ${MAX_VIEWERS} viewers already` })
    }
    openEventStream(reply)
    live.join(reply.raw)
    return reply
  })
  return async (request, reply) => {
    await pods.look()
    return send(request, reply, page(source.overview()))
  }
}

interface Rendered {
  readonly text: string
  /** Made when the first asks for it. */
  compressed: Buffer | null
}

/** Renders each overview once, for all viewers. */
function once(render: (overview: Overview) => string): (overview: Overview) => Rendered {
  let last: { readonly overview: Overview; readonly rendered: Rendered } | null = null
  return (overview) => {
    if (last?.overview !== overview) {
      last = { overview, rendered: { text: render(overview), compressed: null } }
    }
    return last.rendered
  }
}

function send(
  request: FastifyRequest,
  reply: FastifyReply,
  rendered: Rendered,
  type = 'text/html',
): FastifyReply {
  guarded(reply).type(`${type}; charset=utf-8`).header('vary', 'accept, accept-encoding')
  if (!/\bgzip\b/.test(String(request.headers['accept-encoding'] ?? '')))
    return reply.send(rendered.text)
  rendered.compressed ??= gzipSync(rendered.text)
  return reply.header('content-encoding', 'gzip').send(rendered.compressed)
}

function guarded(reply: FastifyReply): FastifyReply {
  return reply.header('content-security-policy', POLICY).header('referrer-policy', 'no-referrer')
}
