import { Agent, request } from 'node:https'
import { OccError } from '../kernel/errors.ts'
import type { ApiCall, KubernetesApi } from './api.ts'
import { refusal, unreachable } from './api-errors.ts'
import type { Endpoint } from './endpoint.ts'

export interface ApiClient extends KubernetesApi {
  /** Closes the connection; calls under way reject. */
  close(): void
}

const METHODS = { get: 'GET', create: 'POST', update: 'PUT', patch: 'PATCH' } as const

/** Milliseconds until a call counts as unanswered. */
const TIMEOUT = 4_000
/** Bytes of an answer: objects of Kubernetes are at most 1.5 MiB. */
const LARGEST = 4 * 1024 ** 2

/**
 * A client over one kept connection. A few requests a minute need no library: the official one
 * holds the model of every resource there is, 88 MB of them.
 */
export function createApiClient(endpoint: Endpoint, namespace: string): ApiClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 2 })

  async function send(call: ApiCall): Promise<{ status: number; body: unknown }> {
    const { headers, ...tls } = await endpoint.credentials()
    // A server may have a path of its own, in front of that of the API.
    const url = endpoint.server.replace(/\/$/, '') + pathOf(call, namespace)
    const content = call.body === undefined ? undefined : JSON.stringify(call.body)
    const type = call.verb === 'patch' ? 'application/merge-patch+json' : 'application/json'
    const sent = request(url, {
      ...tls,
      agent,
      method: METHODS[call.verb],
      headers: {
        ...headers,
        accept: 'application/json',
        'user-agent': 'onchain-consumer',
        ...(content === undefined
          ? {}
          : { 'content-type': type, 'content-length': Buffer.byteLength(content) }),
      },
      signal: AbortSignal.timeout(TIMEOUT),
    })
    return new Promise((resolve, reject) => {
      sent.on('error', reject)
      sent.on('response', async (response) => {
        try {
          const chunks: Buffer[] = []
          let bytes = 0
          for await (const chunk of response) {
            chunks.push(chunk)
            bytes += chunk.length
            if (bytes > LARGEST) throw new Error(`the answer is larger than ${LARGEST} bytes`)
          }
          resolve({ status: response.statusCode ?? 0, body: parse(Buffer.concat(chunks)) })
        } catch (error) {
          reject(error)
        }
      })
      sent.end(content)
    })
  }

  return {
    namespace,
    async call(call) {
      const { status, body } = await send(call).catch((error) => {
        throw error instanceof OccError ? error : unreachable(call, endpoint.server, error)
      })
      if (status >= 200 && status < 300) return body
      throw refusal(call, namespace, status, body)
    },
    close() {
      agent.destroy()
    },
  }
}

function pathOf({ verb, group, version, resource, name }: ApiCall, namespace: string): string {
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
  const parts = ['namespaces', namespace, resource, ...(name === undefined ? [] : [name])]
  // Who wrote a field is recorded under this name: `kubectl get --show-managed-fields`.
  const query = verb === 'get' ? '' : '?fieldManager=onchain-consumer'
  return `${root}/${parts.map(encodeURIComponent).join('/')}${query}`
}

/** A proxy in between may answer with text. */
function parse(answer: Buffer): unknown {
  const text = answer.toString()
  try {
    return JSON.parse(text)
  } catch {
    return { message: text.slice(0, 200) }
  }
}
