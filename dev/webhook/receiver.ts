import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { CodedError, messageOf } from '../../src/kernel/errors.ts'

export interface ReceiverOptions {
  /** Default: a free one. */
  readonly port?: number
  /** Every n-th request is refused with 429 and `Retry-After: 1`; 0: none. */
  readonly refuseEvery: number
  accepted(message: string): void
  refused?(message: string): void
}

export interface Receiver {
  readonly url: string
  close(): Promise<void>
}

/** An incoming webhook like Slack's: takes `{"text": "..."}`, and is rate limited now and then. */
export async function startReceiver(options: ReceiverOptions): Promise<Receiver> {
  const { port = 0, refuseEvery, accepted, refused = () => {} } = options
  let requests = 0
  const server = createServer(async (request, response) => {
    const message = messageIn(await text(request))
    if (request.method !== 'POST' || message === null) {
      response.writeHead(400).end('invalid_payload')
      return
    }
    requests += 1
    if (refuseEvery > 0 && requests % refuseEvery === 0) {
      response.writeHead(429, { 'retry-after': '1' }).end('rate_limited')
      refused(message)
      return
    }
    response.writeHead(200).end('ok')
    accepted(message)
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening').catch((error) => {
    throw new CodedError('OCC_WEBHOOK_PORT', `Cannot listen on port ${port}: ${messageOf(error)}`)
  })
  const { port: bound } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${bound}/services/T000/B000/made-up`,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function messageIn(body: string): string | null {
  try {
    const { text: message } = JSON.parse(body)
    return typeof message === 'string' ? message : null
  } catch {
    return null
  }
}
