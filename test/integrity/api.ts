import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

export interface Api {
  /** Of the address it listens at. */
  readonly port: number
  /** What it answers from now on: a status, and headers. */
  answer: (call: number) => readonly [status: number, headers?: Record<string, string>]
  calls: number
}

/** An API that handlers call, in this process; gone after the test. */
export async function startApi(t: TestContext): Promise<Api> {
  const api = { port: 0, answer: () => [200], calls: 0 } as Api & { port: number }
  const server = createServer((_: IncomingMessage, response: ServerResponse) => {
    api.calls += 1
    const [status, headers = {}] = api.answer(api.calls)
    response.writeHead(status, headers).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  api.port = (server.address() as AddressInfo).port
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return api
}
