import { createServer, type RequestListener } from 'node:http'
import type { TestContext } from 'node:test'
import { listen } from './listen.ts'

/** A server on the loopback interface, gone with the test. Resolves with its URL: `http://HOST:PORT`. */
export async function startHttpServer(
  t: Pick<TestContext, 'after'>,
  listener: RequestListener,
): Promise<string> {
  return `http://127.0.0.1:${await listen(t, createServer(listener))}`
}
