import type { TestContext } from 'node:test'
import type { AdminControl } from '../../../src/http/admin.ts'
import { createHttpServer } from '../../../src/http/server.ts'
import type { OccError } from '../../../src/kernel/errors.ts'
import type { ServiceStatus } from '../../../src/observe/types.ts'
import { createCapturedLog } from '../../support/captured-log.ts'
import { noPods, overview } from '../../support/overview.ts'
import { pauseOf, serviceStatus } from '../../support/status.ts'
import { noLetters, noOffsets } from './serve.ts'

export const TOKEN = 'a-token-that-nobody-guesses'
export const TOPIC = 'solana.transfers'
export const NOW = Date.parse('2026-01-31T12:00:00Z')

interface Answer {
  readonly code: number
  readonly body: Readonly<Record<string, unknown>>
  readonly headers: Headers
}

/** The routes of the API, and what they were told to do. @param token read at each request; null: there is none */
export async function serve(context: TestContext, token: () => string | null = () => TOKEN) {
  const calls: unknown[] = []
  const time = { monotonic: 0 }
  let failure: OccError | null = null
  const current: { status: ServiceStatus } = { status: serviceStatus() }
  const log = createCapturedLog()
  const admin: AdminControl = {
    readTokens() {
      const own = token()
      return own === null ? [] : [{ name: 'operator', right: 'operate', token: own }]
    },
    knows: () => ({
      pauses: current.status.pauses,
      topics: [TOPIC, 'tron.transfers'],
      handlers: ['whale-alert'],
      partitionsOf: (topic) => (topic === TOPIC ? 4 : null),
    }),
    pause: async (order) => {
      calls.push(['pause', order])
      if (failure !== null) throw failure
      const { target, by, until, reason } = order
      return { before: [], after: [pauseOf(target, { by, until, reason })] }
    },
    resume: async (order) => {
      calls.push(['resume', order])
      return { before: [pauseOf(order.target)], after: [] }
    },
  }
  const server = createHttpServer({
    host: '127.0.0.1',
    port: 0,
    status: { status: () => current.status },
    metrics: { contentType: 'text/plain', render: async () => '' },
    scaling: { report: () => ({ known: false, reason: 'not read', advice: [] }) },
    livenessMaxAge: 30_000,
    clock: { now: () => NOW, monotonic: () => time.monotonic },
    log,
    admin,
    offsets: noOffsets,
    letters: noLetters,
    overview: { overview },
    pods: noPods,
    tap: null,
    page: false,
    pageActions: false,
  })
  const { port } = await server.listen()
  context.after(() => server.close())

  async function ask(path: string, init: RequestInit = {}): Promise<Answer> {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, init)
    const body = (await response.json()) as Answer['body']
    return { code: response.status, body, headers: response.headers }
  }

  const bearing = (given: string) => ({ authorization: `Bearer ${given}` })
  return {
    calls,
    log,
    time,
    fail(error: OccError) {
      failure = error
    },
    become(changes: Partial<ServiceStatus>) {
      current.status = serviceStatus(changes)
    },
    ask,
    get: (path: string, given = TOKEN) => ask(path, { headers: bearing(given) }),
    post: (path: string, body: unknown, given = TOKEN) =>
      ask(path, {
        method: 'POST',
        headers: { ...bearing(given), 'content-type': 'application/json' },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
  }
}
