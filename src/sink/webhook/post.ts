import http from 'node:http'
import https from 'node:https'
import { codeOf, messageOf, OccError } from '../../kernel/errors.ts'
import { responseTo } from '../../kernel/http-response.ts'
import { publicLookup, refusePrivateHost } from './private-addresses.ts'

/** One request. */
export interface Posting {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** Authorities in place of Node's own list, as PEM. */
  readonly ca?: string | undefined
}

/** The answer, whatever its status; at most 16 KiB of its text. */
export interface Answer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  readonly text: string
}

export interface PosterOptions {
  readonly allowPrivate: boolean
  /** Milliseconds until a connection is there, TLS included. */
  readonly connectTimeout: number
  /** Milliseconds for the whole request. */
  readonly timeout: number
}

export interface Poster {
  /** Rejects with OCC_WEBHOOK or OCC_WEBHOOK_ADDRESS if there is no answer. */
  post(posting: Posting): Promise<Answer>
  close(): void
}

const MAX_TEXT = 16 * 1024

/** Whether the receiver has taken the request. */
export function isSuccess(status: number): boolean {
  return status >= 200 && status < 300
}

/** Sends requests over connections that are kept. Redirects are answers like any other. */
export function createPoster({ allowPrivate, connectTimeout, timeout }: PosterOptions): Poster {
  const agents = {
    http: new http.Agent({ keepAlive: true }),
    https: new https.Agent({ keepAlive: true }),
  }

  async function post(posting: Posting): Promise<Answer> {
    if (!allowPrivate) refusePrivateHost(posting.url)
    const first = begin(posting)
    try {
      return await first.answer
    } catch (error) {
      // The receiver has closed a connection that was kept: it has seen nothing of the request.
      if (first.isStale(error)) return await begin(posting).answer
      throw error
    }
  }

  function begin({ url, headers, body, ca }: Posting) {
    const isSecure = url.protocol === 'https:'
    const request = (isSecure ? https : http).request(url, {
      method: 'POST',
      headers: { ...headers, 'content-length': body.length },
      agent: isSecure ? agents.https : agents.http,
      ...(ca !== undefined && { ca }),
      ...(!allowPrivate && { lookup: publicLookup }),
    })
    let expired: OccError | null = null
    let isAnswered = false
    const late = (milliseconds: number, what: string) =>
      setTimeout(() => {
        expired = tooLate(url, what, milliseconds)
        request.destroy(expired)
      }, milliseconds)
    const whole = late(timeout, 'did not answer')
    request.on('socket', (socket) => {
      if (!socket.connecting) return
      const connecting = late(connectTimeout, 'was not connected to')
      socket.once(isSecure ? 'secureConnect' : 'connect', () => clearTimeout(connecting))
      request.once('close', () => clearTimeout(connecting))
    })
    request.once('close', () => clearTimeout(whole))
    async function answer(): Promise<Answer> {
      try {
        const response = await responseTo(request, body)
        isAnswered = true
        return await read(response)
      } catch (error) {
        throw expired ?? error
      }
    }
    return {
      answer: answer(),
      isStale: (error: unknown) =>
        request.reusedSocket && !isAnswered && codeOf(error) === 'ECONNRESET',
    }
  }

  return {
    async post(posting) {
      try {
        return await post(posting)
      } catch (error) {
        if (error instanceof OccError) throw error
        throw new OccError('OCC_WEBHOOK', `${posting.url.host}: ${messageOf(error)}`, {
          cause: error,
          retriable: true,
        })
      }
    },
    close() {
      agents.http.destroy()
      agents.https.destroy()
    },
  }
}

async function read(response: http.IncomingMessage): Promise<Answer> {
  const { statusCode: status = 0, headers } = response
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of response) {
      chunks.push(chunk)
      length += chunk.length
      // Leaving the loop ends the connection.
      if (length >= MAX_TEXT) break
    }
  } catch (error) {
    // What was taken stays taken, also if the text behind it does not end.
    if (!isSuccess(status)) throw error
  }
  const text = Buffer.concat(chunks).subarray(0, MAX_TEXT).toString()
  return { status, headers, text }
}

function tooLate({ host }: URL, what: string, milliseconds: number): OccError {
  return new OccError('OCC_WEBHOOK', `${host} ${what} within ${milliseconds} ms`, {
    retriable: true,
  })
}
