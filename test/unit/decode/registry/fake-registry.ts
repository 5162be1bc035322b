import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { createServer as createTlsServer, type ServerOptions } from 'node:https'
import type { TestContext } from 'node:test'
import { listen } from '../../../support/servers/listen.ts'

/** What it answers to a path: a status and a JSON body; null: nothing. */
export type Answer = readonly [status: number, body: unknown] | null

export interface FakeRegistry {
  readonly url: string
  /** Paths that were asked for, in order. */
  readonly asked: string[]
  /** `authorization` of the requests. */
  readonly credentials: Array<string | undefined>
  /** Resolves when the client has ended a request that was not answered. */
  closed(): Promise<void>
}

/** A schema registry whose faults the test decides. A real one is in test/integration. */
export async function startFakeRegistry(
  t: TestContext,
  answer: (path: string) => Answer,
  tls?: ServerOptions,
): Promise<FakeRegistry> {
  const asked: string[] = []
  const credentials: Array<string | undefined> = []
  const ended = Promise.withResolvers<void>()
  const listener: RequestListener = ({ url = '', headers }: IncomingMessage, response) => {
    asked.push(url)
    credentials.push(headers.authorization)
    const given = answer(url)
    response.on('close', () => {
      if (given === null) ended.resolve()
    })
    if (given === null) return
    response.statusCode = given[0]
    if (given[0] === 101) response.setHeader('connection', 'upgrade').setHeader('upgrade', 'other')
    response.end(typeof given[1] === 'string' ? given[1] : JSON.stringify(given[1]))
  }
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener)
  const port = await listen(t, server)
  const url = `http${tls === undefined ? '' : 's'}://127.0.0.1:${port}`
  return { url, asked, credentials, closed: () => ended.promise }
}

export const unknown: Answer = [404, { error_code: 40403, message: 'Schema not found' }]
