import { readFileSync } from 'node:fs'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { messageOf, OccError } from '../../kernel/errors.ts'
import { responseTo } from '../../kernel/http-response.ts'
import { secretIn } from '../../kernel/text/secret.ts'

/** Where the registry is, and who asks. Files are read anew for each request. */
export interface RegistryOptions {
  readonly url: string
  readonly caFile?: string | undefined
  readonly username?: string | undefined
  readonly usernameFile?: string | undefined
  readonly passwordFile?: string | undefined
  /** Of a bearer token. */
  readonly tokenFile?: string | undefined
  /** Milliseconds for one request. */
  readonly timeout: number
  /** Ends requests that nobody waits for any more. */
  readonly signal?: AbortSignal | undefined
}

/** A status that is not 200, with what the registry says about it. */
export class RegistryAnswer extends Error {
  readonly status: number
  /** Its own code; null: this is no answer of a schema registry. */
  readonly code: number | null

  constructor(status: number, code: number | null, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

/** More than any schema; a registry that sends more is none. */
const MAX_BYTES = 8 * 1024 * 1024
const ACCEPT = 'application/vnd.schemaregistry.v1+json, application/json'

/**
 * The JSON that the registry answers to `GET path`. Follows no redirect.
 * @throws RegistryAnswer, or whatever a connection fails with; no message has a secret
 */
export async function askRegistry(path: string, options: RegistryOptions): Promise<unknown> {
  const url = new URL(`${options.url.replace(/\/+$/, '')}${path}`)
  const { status, text } = await send(url, headersOf(options), options)
  if (status !== 200) throw refusal(status, text)
  try {
    return JSON.parse(text)
  } catch {
    // The library's error would quote it, and it may be anything.
    throw new Error('200 without JSON, which is no answer of a schema registry')
  }
}

async function send(url: URL, headers: Record<string, string>, options: RegistryOptions) {
  const { caFile, timeout, signal: ended = new AbortController().signal } = options
  const ca = caFile === undefined ? undefined : readFileSync(caFile)
  const start = url.protocol === 'https:' ? httpsRequest : httpRequest
  const late = AbortSignal.timeout(timeout)
  const signal = AbortSignal.any([late, ended])
  try {
    const request = start(url, { headers, signal, ...(ca !== undefined && { ca }) })
    const response = await responseTo(request)
    return { status: response.statusCode ?? 0, text: await textOf(response) }
  } catch (error) {
    throw late.aborted ? new Error(`no answer within ${timeout} ms`) : error
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response) {
    size += chunk.length
    // Leaving the loop ends the connection.
    if (size > MAX_BYTES) throw new Error(`it sends more than ${MAX_BYTES} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function headersOf(options: RegistryOptions): Record<string, string> {
  const { tokenFile, passwordFile, usernameFile } = options
  if (tokenFile !== undefined) {
    return { accept: ACCEPT, authorization: `Bearer ${secretOf(tokenFile).trim()}` }
  }
  if (passwordFile === undefined) return { accept: ACCEPT }
  const name = options.username ?? (usernameFile === undefined ? '' : secretOf(usernameFile))
  const pair = Buffer.from(`${name}:${secretOf(passwordFile)}`).toString('base64')
  return { accept: ACCEPT, authorization: `Basic ${pair}` }
}

function secretOf(path: string): string {
  try {
    return secretIn(readFileSync(path))
  } catch (error) {
    throw new OccError('OCC_SECRET_UNREADABLE', `${path} cannot be read: ${messageOf(error)}`)
  }
}

function refusal(status: number, text: string): RegistryAnswer {
  const said = saidIn(text)
  if (status === 401 || status === 403) {
    const message = `it refuses the credentials of decode.registry (${status})`
    return new RegistryAnswer(status, said?.code ?? null, message)
  }
  if (said === null)
    return new RegistryAnswer(status, null, `${status}, which is no answer of a schema registry`)
  return new RegistryAnswer(status, said.code, `${status}: ${said.message}`)
}

/** What it says in words is bounded, because it goes into messages. */
function saidIn(text: string): { code: number; message: string } | null {
  try {
    const { error_code: code, message } = JSON.parse(text) as Record<string, unknown>
    if (typeof code !== 'number') return null
    return { code, message: typeof message === 'string' ? message.slice(0, 200) : 'no reason' }
  } catch {
    return null
  }
}
