import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { Agent, type RequestOptions, request } from 'node:https'
import { text } from 'node:stream/consumers'
import { KubeConfig } from '@kubernetes/client-node'

/**
 * The API server, for what is asked too often to spawn kubectl for it: the pods every half second,
 * the log of each, their HTTP endpoints through the proxy.
 */
export interface Api {
  get(path: string): Promise<{ readonly status: number; readonly body: string }>
  /** @throws Error unless the answer is 200 */
  json<T>(path: string): Promise<T>
  /** The answer as it comes, until the server or the signal ends it. */
  stream(path: string, signal: AbortSignal): Promise<IncomingMessage>
  close(): void
}

/** @throws Error when KUBECONFIG cannot be read */
export async function connectApi(): Promise<Api> {
  const config = new KubeConfig()
  config.loadFromDefault()
  const cluster = config.getCurrentCluster()
  if (cluster === null) throw new Error('KUBECONFIG names no cluster: set its current-context')
  const { server } = cluster
  const options: RequestOptions = {}
  await config.applyToHTTPSOptions(options)
  const agent = options.agent instanceof Agent ? options.agent : new Agent({ keepAlive: true })

  async function open(path: string, signal?: AbortSignal): Promise<IncomingMessage> {
    const limit = signal ?? AbortSignal.timeout(15_000)
    const sent = request(new URL(path, server), { ...options, agent, signal: limit })
    sent.end()
    const [response] = await once(sent, 'response')
    return response
  }

  async function get(path: string) {
    const response = await open(path)
    return { status: response.statusCode ?? 0, body: await text(response) }
  }

  return {
    get,
    async json(path) {
      const { status, body } = await get(path)
      if (status !== 200) throw new Error(`GET ${path} was answered with ${status}: ${body}`)
      return JSON.parse(body)
    },
    stream: open,
    close: () => agent.destroy(),
  }
}
