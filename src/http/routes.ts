import type { FastifyInstance } from 'fastify'
import type { Clock } from '../kernel/time/clock.ts'
import type { Metrics, ScalingReportSource, StatusSource } from '../observe/types.ts'
import { ENDPOINTS, indexPage } from './endpoints.ts'
import { createStartupCheck, livenessOf, readinessOf } from './health.ts'
import { lagReport } from './lag.ts'
import type { AnswerPage } from './page/routes.ts'
import { scaleAnswer } from './scale.ts'

export interface RouteDependencies {
  readonly status: StatusSource
  readonly metrics: Metrics
  readonly scaling: ScalingReportSource
  /** Age of a member's last loop turn, milliseconds, beyond which the member counts as stuck. */
  readonly livenessMaxAge: number
  readonly clock: Clock
}

/** Fastify adds HEAD to each GET. @param page what browsers get at `/`; null: links */
export function addRoutes(
  app: FastifyInstance,
  { status, metrics, scaling, livenessMaxAge, clock }: RouteDependencies,
  page: AnswerPage | null,
): void {
  const startupOf = createStartupCheck()

  app.get('/', (request, reply) => {
    if (!request.headers.accept?.includes('text/html')) return reply.send({ endpoints: ENDPOINTS })
    if (page !== null) return page(request, reply)
    return reply.type('text/html; charset=utf-8').send(indexPage)
  })
  app.get('/healthz', (_, reply) => {
    const answer = livenessOf(status.status(), clock.monotonic(), livenessMaxAge)
    return reply.code(answer.alive ? 200 : 503).send(answer)
  })
  app.get('/readyz', (_, reply) => {
    const now = status.status()
    // A service that was ready between two startup probes has started, too.
    startupOf(now)
    const answer = readinessOf(now)
    return reply.code(answer.ready ? 200 : 503).send(answer)
  })
  app.get('/startupz', (_, reply) => {
    const answer = startupOf(status.status())
    return reply.code(answer.started ? 200 : 503).send(answer)
  })
  app.get('/metrics', async (_, reply) => {
    const text = await metrics.render()
    return reply.type(metrics.contentType).send(text)
  })
  app.get('/lag', (_, reply) =>
    reply.send(lagReport(status.status(), scaling, clock.now(), clock.monotonic())),
  )
  app.get('/scale', (_, reply) => {
    const report = scaling.report()
    // On an error an autoscaler uses its fallback; it would take a stale number as true.
    if (!report.known) return reply.code(503).send({ error: 'not known', reason: report.reason })
    return reply.send(scaleAnswer(report, scaling.groups?.()))
  })
}
