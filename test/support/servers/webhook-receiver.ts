import type { IncomingHttpHeaders, RequestListener } from 'node:http'
import { text } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import { startHttpServer } from './http-server.ts'

/** A request as it was received. */
export interface Received {
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** What the receiver does with it: an answer, no answer, or the end of the connection. */
export type Reaction =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string }
  | 'hang'
  | 'close'

export interface WebhookReceiver {
  readonly url: string
  readonly received: readonly Received[]
}

/** A receiver on the loopback interface, gone with the test. */
export async function startWebhookReceiver(
  t: Pick<TestContext, 'after'>,
  react: (request: Received, index: number) => Reaction = () => ({ status: 200 }),
): Promise<WebhookReceiver> {
  const received: Received[] = []
  const listener: RequestListener = async (request, response) => {
    const body = await text(request).catch(() => null)
    if (body === null) return
    const one = { url: request.url ?? '', headers: request.headers, body }
    const reaction = react(one, received.push(one) - 1)
    if (reaction === 'hang') return
    if (reaction === 'close') request.socket.destroy()
    else response.writeHead(reaction.status, reaction.headers).end(reaction.body)
  }
  return { url: `${await startHttpServer(t, listener)}/hook`, received }
}
