import { once } from 'node:events'
import type { ClientRequest, IncomingMessage } from 'node:http'

/** Sends the request. Rejects with its error, or because its connection was closed without a response. */
export async function responseTo(request: ClientRequest, body?: Buffer): Promise<IncomingMessage> {
  const closed = new AbortController()
  // Also without any other event: of a 101, which nobody asked for.
  request.once('close', () => closed.abort())
  // One that comes behind the response has no other listener, and would end the process.
  request.on('error', () => {})
  const responded = once(request, 'response', { signal: closed.signal })
  request.end(body)
  try {
    const [response] = (await responded) as [IncomingMessage]
    return response
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'AbortError') throw error
    throw new Error('it closed the connection without an answer')
  }
}
