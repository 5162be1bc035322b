import type { TestContext } from 'node:test'
import { startHttpServer } from '../../support/servers/http-server.ts'

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
  const url = await startHttpServer(t, (_, response) => {
    api.calls += 1
    const [status, headers = {}] = api.answer(api.calls)
    response.writeHead(status, headers).end()
  })
  api.port = Number(new URL(url).port)
  return api
}
